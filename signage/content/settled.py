"""An open file in, out whether somebody is still writing it."""

from __future__ import annotations

import errno
import os
import signal
import sys

from signage.base.clock import Clock

if sys.platform == "linux":
    import fcntl

SETTLED_S = 2.0


def is_being_written(fd: int, clock: Clock) -> bool:
    """Tell whether a writer holds the file; where that cannot be asked, whether it changed in the last 2 seconds.

    On a local Linux file system the answer is exact: a read lease is refused while anybody has the file open for
    writing. `fd` must be open for reading only. Elsewhere (a network share, another system, a file of another user)
    only the age can tell; it counts from the change of the inode, because a copy sets the time of its source.

    Source: fcntl(2), F_SETLEASE; field notes 1.5.
    """
    lease = _try_lease(fd)
    if lease is not None:
        return not lease
    status = os.fstat(fd)
    age_s = clock.now_ms() / 1000 - max(status.st_ctime, status.st_mtime)
    return 0 <= age_s < SETTLED_S


def _try_lease(fd: int) -> bool | None:
    """Give True when nobody writes, False when somebody does, None when it cannot be known."""
    if sys.platform != "linux":
        return None
    try:
        # A writer that comes in this instant breaks the lease by a signal: SIGIO kills, SIGURG is ignored by default.
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return False if error.errno == errno.EAGAIN else None
    return True
