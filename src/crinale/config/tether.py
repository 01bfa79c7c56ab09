"""Run a command tethered to its parent: when the parent dies, however, the kernel signals the command.

    python tether.py PARENT SIGNAL UID COMMAND...

Linux only (PR_SET_PDEATHSIG). PARENT is the process id of the parent, which may die before this runs. UID is
a number to become first, or `-` to stay. The file runs by itself, without the package, so that a process with
a foreign user needs to read nothing else.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def tie_to_parent(signal_number: int) -> None:
    """Ask the kernel to send this process a signal when its parent ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(signal_number)) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def main() -> None:
    """Tie this process to its parent, then become the command."""
    parent, signal_name, uid, *command = sys.argv[1:]
    if uid != "-":
        os.setgroups([])
        os.setgid(int(uid))
        os.setuid(int(uid))
    tie_to_parent(signal.Signals[signal_name])  # after setuid, because a change of user cuts the tether
    if os.getppid() != int(parent):  # it died before the knot was tied
        raise SystemExit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
