"""Run a command tethered to its parent: when the parent dies, however, the kernel signals the command.

    python tether.py PARENT SIGNAL UID COMMAND...

Linux only (PR_SET_PDEATHSIG). PARENT is the process id of the parent, which may die before this runs. UID is
a number to become first, `NUMBER+walk` to keep the right to walk through closed directories, or `-` to
stay. The file runs by itself, without the package, so that a process with
a foreign user needs to read nothing else.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAPABILITIES_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2


def tie_to_parent(signal_number: int) -> None:
    """Ask the kernel to send this process a signal when its parent ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(signal_number)) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def become(uid: int, *, walks: bool) -> None:
    """Become another user, with no right of root but, when it `walks`, the one to pass closed directories."""
    libc = ctypes.CDLL(None, use_errno=True)
    if walks:  # otherwise a change of user takes the rights, and access(2) does not count them
        libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
    if not walks:
        return
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION_3, 0)
    # The lesser right first; containers often have only the greater one.
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        mask = 1 << capability
        rights = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)  # effective, permitted, inheritable
        if (
            libc.capset(header, rights) == 0
            and libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0
        ):
            return
    raise OSError(ctypes.get_errno(), "capset")


def main() -> None:
    """Tie this process to its parent, then become the command."""
    parent, signal_name, uid, *command = sys.argv[1:]
    if uid != "-":
        number, _, walk = uid.partition("+")
        become(int(number), walks=bool(walk))
    tie_to_parent(signal.Signals[signal_name])  # after setuid, because a change of user cuts the tether
    if os.getppid() != int(parent):  # it died before the knot was tied
        raise SystemExit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
