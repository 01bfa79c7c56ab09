"""The stand-in for a mail that is larger than the node fetches: its headers, under a line that says so.

Nothing is lost: the mail stays on the server, marked there neither as seen nor moved nor deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from crinale.connectors.pec.parts import Part

_FIELD: Final = b"X-Crinale-Left-On-Server: "


def stand_in(headers: bytes, size: int) -> bytes:
    """Make the stand-in for a mail of ``size`` bytes."""
    return _FIELD + b"%d\r\n" % size + headers.rstrip(b"\r\n") + b"\r\n\r\n"


def is_stand_in(head: bytes, root: Part) -> bool:
    """Say whether a stored mail is one; a real mail that only begins so is not, unless it is empty."""
    return head.startswith(_FIELD) and root.start == root.end
