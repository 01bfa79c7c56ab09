"""What the spine says in English (remedies, verdicts, findings), in the language of the page.

Most of its sentences stand in the catalogues as they are. Some carry a value: :data:`PATTERNS` tells the
value from the words, so that the words are translated and the value stays.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from django.utils.translation import gettext, gettext_noop

PATTERNS: Final = (
    gettext_noop("a group has at most %(value)s correspondents: make another one"),
    gettext_noop("choose 1 to %(value)s offices or people"),
    gettext_noop("give the group a name of at most %(value)s characters"),
    gettext_noop("link at most %(value)s registrations together"),
    gettext_noop("name at most %(value)s senders; the document names the others"),
    gettext_noop("name the act that allows the deferral, in at most %(value)s characters"),
    gettext_noop("register at most %(value)s recipients together: divide them"),
    gettext_noop("%(value)s is a register in use: give the older one another code"),
    gettext_noop("the filing plan in force has no open heading %(value)s"),
    gettext_noop("a dossier has a title of at most %(value)s characters"),
    gettext_noop("a dossier has at most %(value)s levels below it"),
    gettext_noop("close these parts first: %(value)s"),
    gettext_noop("name the edition, in at most %(value)s characters"),
    gettext_noop("write at most %(value)s keywords"),
    gettext_noop("line %(value)s: %(rest)s"),
    gettext_noop("the code %(value)s is there twice"),
    gettext_noop("a title has 1 to %(value)s characters"),
    gettext_noop("name the act that authorises the annulment, in at most %(value)s characters"),
    gettext_noop("say why, in at most %(value)s characters"),
    gettext_noop("shorten it to %(value)s characters"),
    gettext_noop("write %(value)s to %(rest)s characters"),
    gettext_noop("%(value)s has taken charge of it already"),
    gettext_noop("%(value)s has settled this assignment already"),
    gettext_noop("choose one of %(value)s"),
    gettext_noop("register at most %(value)s documents together"),
    gettext_noop("send at most %(value)s attachments in one message"),
    gettext_noop("two files are called %(value)s: rename one"),
    gettext_noop("the columns must be %(value)s; and may be %(rest)s"),
    gettext_noop("at most %(value)s lines at once: divide the table"),
    gettext_noop("write one of: %(value)s"),
    gettext_noop("the mail has no file %(value)s"),
    gettext_noop("send version 3.0.0, not %(value)s"),
    gettext_noop("the archive has more than %(value)s entries"),
    gettext_noop("the archive is damaged: %(value)s"),
    gettext_noop("the document is damaged: %(value)s is missing"),
    gettext_noop("the XML is not well formed: %(value)s"),
    gettext_noop("The PDF is damaged: %(value)s"),
    gettext_noop("The signed file is damaged: %(value)s"),
    gettext_noop("The time stamp is damaged: %(value)s"),
    gettext_noop("The time stamp was not granted (%(value)s)."),
    gettext_noop("digest algorithm %(value)s is not supported"),
    gettext_noop("a certificate cannot be read: %(value)s"),
    gettext_noop("The signature is not valid (%(value)s): %(rest)s"),
    gettext_noop("the file is declared as %(value)s and its content is %(rest)s"),
    gettext_noop("The index has no address for %(value)s."),
    gettext_noop("the reference %(value)s points nowhere in this document"),
    gettext_noop("the Id %(value)s occurs more than once"),
    gettext_noop("the signature does not stand inside %(value)s target"),
    gettext_noop("signature method %(value)s"),
    gettext_noop("digest method %(value)s"),
    gettext_noop("transform %(value)s"),
    gettext_noop("%(value)s has stray bits after its base64 value"),
    gettext_noop("%(value)s is not base64"),
)
"""Sentences with a value in them; a ``rest`` is a sentence of its own."""

_FIELD: Final = re.compile(r"\A[a-z_]+(\.[a-z_0-9]+)*: ")
_PARENTHESIS: Final = re.compile(r"(?P<before>.+) \((?P<inner>[^()]+)\)(?P<after>\.?)")


def said(text: str) -> str:
    """Say a sentence of the spine in the language of the page; what nobody translated stays as it is."""
    if not text:
        return ""
    if (whole := gettext(text)) != text:
        return whole
    for pattern, source in _patterns():
        if found := pattern.fullmatch(text):
            values = found.groupdict()
            return gettext(source) % {**values, "rest": said(values.get("rest", ""))}
    return _in_parts(text)


def without_field(text: str) -> str:
    """Leave the field's name out of an error that is shown away from its form."""
    return _FIELD.sub("", text, count=1)


def sentence(text: str) -> str:
    """Write a remedy as a sentence: a capital, a full stop."""
    words = said(text)
    return f"{words[:1].upper()}{words[1:]}".rstrip(".") + "." if words else ""


def _in_parts(text: str) -> str:
    """Say the known parts: after a name and a colon, or in parentheses after other words."""
    name, colon, tail = text.partition(": ")
    if colon and (known := said(tail)) != tail:
        return f"{name}: {known}"
    if (found := _PARENTHESIS.fullmatch(text)) and (inner := said(found["inner"])) != found["inner"]:
        return f"{found['before']} ({inner}){found['after']}"
    return text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    made = []
    for source in PATTERNS:
        words = re.split(r"%\((\w+)\)s", source)
        groups = (f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(words))
        made.append((re.compile("".join(groups), re.DOTALL), source))
    return tuple(made)
