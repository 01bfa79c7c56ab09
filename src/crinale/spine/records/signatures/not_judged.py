"""What the examination of a file may say besides sound and unsound: that it cannot judge.

A file comes from another administration. Whatever a parser makes of it is news about the file and never ends
the examination: one attachment could hold up the acceptance of a message (Allegato 6, section 3.1.1 C).
"""

from __future__ import annotations

import errno

from crinale.kernel.errors import CrinaleError


class NotJudged(CrinaleError):
    """The file cannot be judged here."""


def is_about_the_file(error: Exception) -> bool:
    """Say whether an error tells of the file, or else of this machine (memory, disk), which is no finding."""
    if isinstance(error, OSError):
        # Parsers raise it without a number, and by seeking where a damaged file sends them.
        return error.errno in {None, errno.EINVAL}
    return not isinstance(error, MemoryError)
