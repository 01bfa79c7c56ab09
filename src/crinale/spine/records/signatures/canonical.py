"""Writing text that is already canonical XML (W3C Exclusive Canonicalization 1.0), without a tree.

What is sealed while the counter of a register is held is written with these two functions and needs no
further pass.
"""

from __future__ import annotations

import re
from typing import Final

from crinale.kernel.errors import Invalid

_TEXT_MARKS: Final = re.compile(r"[&<>\r]")
_ATTRIBUTE_MARKS: Final = re.compile(r'[&<"\t\n\r]')
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TEXT_TABLE: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
_ATTRIBUTE_TABLE: Final = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        '"': "&quot;",
        "\t": "&#x9;",
        "\n": "&#xA;",
        "\r": "&#xD;",
    }
)


def has_illegal(value: str) -> bool:
    """Say whether a text has characters that no XML 1.0 document may hold."""
    return _ILLEGAL.search(value) is not None


def text(value: str, *, field: str = "text") -> str:
    """Escape the content of an element; :class:`Invalid` when XML cannot carry it."""
    if _ILLEGAL.search(value):
        raise Invalid(field, "remove the control characters")
    return value.translate(_TEXT_TABLE) if _TEXT_MARKS.search(value) else value


def attribute(value: str, *, field: str = "attribute") -> str:
    """Escape the value of an attribute written between double quotes."""
    if _ILLEGAL.search(value):
        raise Invalid(field, "remove the control characters")
    return value.translate(_ATTRIBUTE_TABLE) if _ATTRIBUTE_MARKS.search(value) else value
