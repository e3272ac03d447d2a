"""A running office in; its service manager is told that it lives, and nothing once it only seems to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from signage.base.supervisor import Supervisor


async def keep_telling(supervisor: Supervisor, look: Callable[[], str]) -> None:
    """Tell until cancelled. `look` is called on a thread such as pages use, and gives a line on how the office is.

    So a loop that hangs, threads that all hang and a lock that is never given back end in a restart. What `look` finds
    to be wrong does not: a full disk or a broken database are told by alarms, and a restart mends neither.
    """
    if not supervisor.is_there:
        return
    supervisor.ready()
    try:
        while True:
            supervisor.alive(await run_in_threadpool(look))
            await asyncio.sleep(supervisor.interval_s)
    finally:
        supervisor.ending()
