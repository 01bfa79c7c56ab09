"""The keys with which areas seal their segnature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from crinale.kernel.ports import Port

if TYPE_CHECKING:
    from crinale.spine.records.signatures.keys import SealKey


class SealKeys(Protocol):
    """Finds the seal key of an area: a file, a token, or a remote service.

    A key with an attribute ``remote`` that is true answers over a network: it is never asked while a
    register's counter is held, and the registration waits for it as "being sealed".
    """

    def for_area(self, area_code: str) -> SealKey:
        """Return the key of the area; raises a ``CrinaleError`` when there is none."""


seal_keys: Port[SealKeys] = Port("protocol.seal_keys")


def is_remote(key: SealKey) -> bool:
    """Say whether a seal by this key takes a network call."""
    return bool(getattr(key, "remote", False))
