"""Run a command tethered to its parent: when the parent dies, by whatever means, the kernel signals the command.

    python tether.py SIGNAL UID COMMAND...

Linux only (PR_SET_PDEATHSIG). UID is a number to become first, or `-` to stay. The file runs by itself, without the
package, so that a process with a foreign user needs to read nothing else.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent, then become the command."""
    parent = os.getppid()
    signal_name, uid, *command = sys.argv[1:]
    if uid != "-":
        os.setgroups([])
        os.setgid(int(uid))
        os.setuid(int(uid))
    # After setuid, because a change of user cuts the tether.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(signal.Signals[signal_name])) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:  # the parent died in between
        raise SystemExit(1)
    os.execvp(command[0], command)  # noqa: S606  the supervisor's own command, no shell wanted


if __name__ == "__main__":
    main()
