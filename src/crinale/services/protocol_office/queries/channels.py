"""The ways in which documents travel, as pages name them."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_WORDS: Final = {
    "aoo": gettext_noop("Exchange between registry areas"),
    "hand": gettext_noop("By hand"),
    "post": gettext_noop("Post"),
    "registered_post": gettext_noop("Registered post"),
    "courier": gettext_noop("Courier"),
    "pec": gettext_noop("Certified mail (PEC)"),
    "email": gettext_noop("E-mail"),
    "fax": gettext_noop("Fax"),
    "portal": gettext_noop("Portal"),
}


def channel_words(channel: str) -> str:
    """Say how a document travelled."""
    known = _WORDS.get(channel)
    return _(known) if known else channel


def channels() -> tuple[tuple[str, str], ...]:
    """Return every way with its name."""
    return tuple((code, _(words)) for code, words in _WORDS.items())
