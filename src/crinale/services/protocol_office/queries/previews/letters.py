"""A mail that is a file: its headers, its text, the names of its files. Its pages are read as text only."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from crinale.services.protocol_office.queries.previews.shown import (
    MOST_LINES,
    Preview,
    Section,
    facts,
    words,
)
from crinale.ui.templatetags.crinale_ui import file_size

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_PARTS: Final = 200
_MOST_HEADER: Final = 500
_SILENT: Final = frozenset({"script", "style", "head", "title", "template"})
_LINES: Final = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "table", "blockquote"})


def shown(data: bytes) -> Preview:
    """Show a mail; whatever of it cannot be read is left out."""
    letter = message_from_bytes(data, policy=policy.default)
    assert isinstance(letter, EmailMessage)  # noqa: S101  the policy makes it so
    parts = list(_parts(letter))
    texts = [part for part in parts if not part.get_filename() and part.get_content_maintype() == "text"]
    files = [part for part in parts if part.get_filename()]
    about = facts(
        (_("Sender"), _header(letter, "from")),
        (_("Recipients"), _header(letter, "to")),
        (_("In copy"), _header(letter, "cc")),
        (_("Sent on"), _header(letter, "date")),
        (_("Subject"), _header(letter, "subject")),
    )
    rows = tuple((_file_name(part), _size(part)) for part in files[:MOST_LINES])
    attached = Section(
        title=_("Files in the mail"),
        columns=(_("Name"), _("Size")),
        rows=rows,
        more=len(files) - len(rows),
    )
    sections = (Section(title=_("Mail"), facts=about), *([attached] if rows else []))
    return words("", *sections, text=_text(texts))


def text_of_page(source: str) -> str:
    """Return the words of a web page."""
    reader = _Words()
    reader.feed(source[:500_000])
    lines = (" ".join(line.split()) for line in "".join(reader.found).splitlines())
    return "\n".join(line for line in lines if line)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.silent += tag in _SILENT
        if tag in _LINES:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.silent = max(0, self.silent - (tag in _SILENT))

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def _parts(letter: EmailMessage) -> Iterator[EmailMessage]:
    for place, part in enumerate(letter.walk()):
        if place > _MOST_PARTS:
            return
        if not part.is_multipart():
            yield part


def _header(letter: EmailMessage, name: str) -> str:
    try:
        return str(letter.get(name, ""))[:_MOST_HEADER]
    except (ValueError, IndexError, AttributeError, LookupError, TypeError):
        return ""  # the library gives up on some headers that are badly made


def _text(parts: list[EmailMessage]) -> str:
    for wanted in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == wanted:
                text = _decoded(part)
                return text if wanted == "text/plain" else text_of_page(text)
    return ""


def _decoded(part: EmailMessage) -> str:
    content = part.get_payload(decode=True)
    data = content if isinstance(content, bytes) else b""
    try:
        return data.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:
        return data.decode("cp1252", errors="replace")


def _file_name(part: EmailMessage) -> str:
    return str(part.get_filename() or "")[:200]


def _size(part: EmailMessage) -> str:
    content = part.get_payload(decode=True)
    return file_size(len(content)) if isinstance(content, bytes) else ""
