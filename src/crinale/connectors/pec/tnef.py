"""The files in a winmail.dat (TNEF, MS-OXTNEF): titles and data of attachments, nothing else of it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crinale.connectors.pec.texts import decode
from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE: Final = 0x223E9F78
_ATTACHMENT: Final = 2  # level of the attributes of attachments; 1 is the message
_REND_DATA: Final = 0x9002
_TITLE: Final = 0x8010
_DATA: Final = 0x800F
_HEAD: Final = struct.Struct("<BII")
_MAX_FILES: Final = 500


class TnefDamaged(CrinaleError):
    """The winmail.dat is damaged."""


@dataclass(frozen=True, slots=True)
class TnefFile:
    """A file in a winmail.dat."""

    name: str
    data: bytes


def tnef_files(content: bytes) -> list[TnefFile]:
    """Give the files in a winmail.dat.

    :raises TnefDamaged: when its structure or a checksum is wrong.
    """
    if len(content) < 6 or int.from_bytes(content[:4], "little") != SIGNATURE:
        raise TnefDamaged
    files: list[TnefFile] = []
    title, data, begun = "", b"", False
    for level, kind, value in _attributes(content):
        if level != _ATTACHMENT:
            continue
        if kind == _REND_DATA:
            if begun:
                files.append(TnefFile(title, data))
            title, data, begun = "", b"", True
        elif kind == _TITLE:
            title = decode(value.split(b"\0")[0], "utf-8")
        elif kind == _DATA:
            data, begun = value, True
        if len(files) > _MAX_FILES:
            raise TnefDamaged
    if begun:
        files.append(TnefFile(title, data))
    return files


def _attributes(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    position = 6  # signature and key
    while position < len(content):
        if position + _HEAD.size > len(content):
            raise TnefDamaged
        level, identifier, length = _HEAD.unpack_from(content, position)
        position += _HEAD.size
        end = position + length
        if level not in {1, 2} or end + 2 > len(content):
            raise TnefDamaged
        value = content[position:end]
        if sum(value) & 0xFFFF != int.from_bytes(content[end : end + 2], "little"):
            raise TnefDamaged
        yield level, identifier & 0xFFFF, value
        position = end + 2
