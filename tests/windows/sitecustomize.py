"""What Windows has not, kept from our own code: put this folder on PYTHONPATH, and every process begins with it.

Modules and attributes that only POSIX has are not there for ``tensorreel``; its libraries, which have ways of their
own on Windows, keep them. ``os.name`` is ``nt`` for it, nothing is forked, a folder cannot be opened, and an orphan
keeps its parent's number.
"""

from __future__ import annotations

import builtins
import multiprocessing
import os
import signal
import sys
from types import ModuleType
from typing import Any

MODULES = {"fcntl", "grp", "pwd", "posix", "pty", "resource", "syslog", "termios", "tty"}
SYSTEM = (  # noqa: SIM905
    "O_ACCMODE O_ASYNC O_CLOEXEC O_DIRECTORY O_DSYNC O_NDELAY O_NOCTTY O_NOFOLLOW O_NONBLOCK O_SYNC WNOHANG chown "
    "chroot fchdir fchmod fchown fork forkpty getegid geteuid getgid getloadavg getpgid getpgrp getpriority getresuid "
    "getsid getuid initgroups killpg lchown lockf mkfifo mknod nice openpty pidfd_open pipe2 pread pwrite "
    "readv register_at_fork sched_getaffinity sendfile setgid setpgid setpriority setsid setuid statvfs sync sysconf "
    "uname wait wait3 wait4 waitid writev"
).split()
SIGNALS = (  # noqa: SIM905
    "ITIMER_REAL ITIMER_VIRTUAL SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2 "
    "SIG_BLOCK SIG_SETMASK SIG_UNBLOCK alarm getitimer pause pthread_kill pthread_sigmask setitimer siginterrupt "
    "sigpending sigtimedwait sigwait sigwaitinfo"
).split()


def _ours() -> bool:
    """Whether the code two frames up belongs to the package."""
    name = str(sys._getframe(2).f_globals.get("__name__", ""))
    return name.split(".")[0] in ("tensorreel", "scenes")


def _hide(module: ModuleType, names: list[str], instead: dict[str, Any]) -> None:
    """Take attributes away from a module for whoever is ours; ``instead`` they get others."""
    kept = {name: vars(module).pop(name) for name in (*names, *instead) if name in vars(module)}

    def found(name: str) -> Any:
        if name not in kept or (_ours() and name not in instead):
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        return instead[name] if name in instead and _ours() else kept[name]

    module.__getattr__ = found  # type: ignore[method-assign]


def _import(name: str, *args: Any, **more: Any) -> Any:
    if name.split(".")[0] in MODULES and _ours():
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return _imported(name, *args, **more)


def _open(path: Any, *args: Any, **more: Any) -> int:
    if _ours() and os.path.isdir(path):
        raise PermissionError(13, "Permission denied", str(path))
    return _opened(path, *args, **more)


def _context(method: str | None = None) -> Any:
    if method not in (None, "spawn"):
        raise ValueError(f"cannot find context for {method!r}")
    return _contexts("spawn")


_imported, builtins.__import__ = builtins.__import__, _import
_opened, os.open = os.open, _open
_contexts, multiprocessing.get_context = multiprocessing.get_context, _context
multiprocessing.get_all_start_methods = lambda: ["spawn"]
_parent = os.getppid()
_hide(os, SYSTEM, {"name": "nt", "getppid": lambda: _parent})
_hide(signal, SIGNALS, {})
