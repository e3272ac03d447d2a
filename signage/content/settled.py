"""An open file in, whether somebody is still writing it out."""

from __future__ import annotations

import errno
import os
import signal
import sys

from signage.base.clock import Clock

if sys.platform == "linux":
    import fcntl

SETTLED_S = 2.0


def is_being_written(fd: int) -> bool | None:
    """Tell whether a writer holds the file; None where that cannot be asked.

    On a local Linux file system the answer is exact: a read lease is refused while anybody has the file open for
    writing. `fd` must be open for reading only. None on a network share, another system, a file of another user.

    Source: fcntl(2), F_SETLEASE; field notes 1.5.
    """
    if sys.platform != "linux":
        return None
    try:
        # A writer that comes in this instant breaks the lease by a signal: SIGIO kills, SIGURG is ignored by default.
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return True if error.errno == errno.EAGAIN else None
    return False


def is_young(status: os.stat_result, clock: Clock) -> bool:
    """Tell whether the file changed in the last 2 seconds: the second best sign of a writer.

    It counts from the change of the inode, because a copy sets the time of its source. A time that lies ahead (the
    clock was set back) does not make a file young for ever.
    """
    age_s = clock.now_ms() / 1000 - max(status.st_ctime, status.st_mtime)
    return 0 <= age_s < SETTLED_S
