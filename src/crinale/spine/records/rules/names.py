"""File names as people give them, made safe to keep, to send and to write in a segnatura."""

from __future__ import annotations

import re
import unicodedata

from crinale.kernel.errors import Invalid

LONGEST = 255
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:\"|?*]")


def clean_file_name(name: str) -> str:
    """Return the last part of ``name`` without control characters, at most 255 bytes, its extension kept.

    :raises Invalid: when nothing is left.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    clean = _FORBIDDEN.sub("", last).strip().strip(".").strip()
    if not clean:
        raise Invalid("file_name", "give the file a name")
    stem, dot, extension = clean.rpartition(".")
    if not dot:
        stem, extension = clean, ""
    tail = f"{dot}{extension}".encode()
    if len(tail) > LONGEST // 4:
        stem, tail = clean, b""
    room = LONGEST - len(tail)
    return stem.encode()[:room].decode(errors="ignore") + tail.decode()
