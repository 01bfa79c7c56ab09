"""What a file is, by its content, and which preview suits it; signed files are shown by what they carry."""

from __future__ import annotations

import codecs
import logging
import zipfile
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crinale.services.protocol_office.queries.files import kind_of_file
from crinale.services.protocol_office.queries.previews import drawing, invoices, letters, segnature
from crinale.services.protocol_office.queries.previews.shown import (
    MOST_LINES,
    Preview,
    Section,
    nothing,
    words,
)
from crinale.spine.records.signatures import cms, media_types
from crinale.spine.records.signatures.parsing import XmlRefused, parse_xml
from crinale.ui.templatetags.crinale_ui import file_size

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

log = logging.getLogger(__name__)

MOST_BYTES: Final = 32 * 1024 * 1024
_ENVELOPES: Final = 3  # signatures around signatures
_PICTURES: Final = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
_TEXTS: Final = frozenset({"text/plain", "text/csv", "application/json", "text/markdown"})


@dataclass(frozen=True)
class Source:
    """A file that the actor may read; opening it is written in the access log."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class _Content:
    data: bytes
    media_type: str
    signed: bool


def preview(source: Source, *, count: bool = True) -> Preview:
    """Return what is shown of a file, whatever it is made of.

    :param count: count the pages of what is drawn; else it has one, which may turn out not to be there.
    """
    if source.size > MOST_BYTES:
        limit = file_size(MOST_BYTES)
        return nothing(_("It is larger than %(limit)s: download it to look at it.") % {"limit": limit})
    try:
        content = _content(source)
        shown = _shown(content, count=count)
    except Exception as error:  # noqa: BLE001  a file from outside may break any reader in any way
        log.info("no preview: %s", type(error).__name__)
        return nothing(_("It cannot be read here: it may be damaged."))
    said = shown.said or kind_of_file(content.media_type)
    return replace(shown, said=said, signed=content.signed)


def picture(source: Source, page: int) -> bytes | None:
    """Return a page of a file as a PNG picture; nothing when there is no such page."""
    if source.size > MOST_BYTES:
        return None
    try:
        content = _content(source)
    except Exception as error:  # noqa: BLE001  as above
        log.info("no picture: %s", type(error).__name__)
        return None
    return drawing.draw(content.data, _drawn_as(content.media_type), page)


def _content(source: Source) -> _Content:
    """Read a file, out of its signatures."""
    with source.open() as stream:
        data = stream.read(MOST_BYTES + 1)
    name, signed = source.name, False
    for _envelope in range(_ENVELOPES):
        media_type = _type_of(data, name)
        if media_type != media_types.CMS:
            break
        inner = cms.signed_content(data)
        if inner is None:
            break
        data, name, signed = inner, name.removesuffix(".p7m").removesuffix(".P7M"), True
    return _Content(data, _type_of(data, name), signed)


def _type_of(data: bytes, name: str) -> str:
    head, tail = data[: media_types.HEAD_BYTES], data[-media_types.TAIL_BYTES :]
    return media_types.detect_media_type(head, tail=tail, file_name=name)


def _drawn_as(media_type: str) -> str:
    return "pdf" if media_type == media_types.PDF else _PICTURES.get(media_type, "")


def _shown(content: _Content, *, count: bool) -> Preview:
    if drawn_as := _drawn_as(content.media_type):
        return _drawn(content, drawn_as, count=count)
    if content.media_type in _TEXTS:
        return words("", text=decoded(content.data))
    if reader := _READERS.get(content.media_type):
        return reader(content.data)
    return nothing(_("Files of this kind are not opened here. Download it to look at it."))


def _drawn(content: _Content, drawn_as: str, *, count: bool) -> Preview:
    if not count:
        return Preview(kind="pictures", pages=1)
    pages = drawing.count(content.data, drawn_as)
    if not pages:
        return nothing(_("It cannot be drawn: it may be damaged, or protected by a password."))
    said = kind_of_file(content.media_type)
    if drawn_as == "pdf":
        said = f"{said}, {ngettext('%(n)d page', '%(n)d pages', pages) % {'n': pages}}"
    return Preview(kind="pictures", said=said, pages=pages)


def _xml(data: bytes) -> Preview:
    # A segnatura of 2001 has a document type: its own reader knows how to do without it.
    if shown := segnature.shown(data):
        return shown
    try:
        root = parse_xml(data, long_text=True)
    except XmlRefused:
        return words("XML", text=decoded(data))
    return invoices.shown(root) or words("XML", text=decoded(data))


def _archive(data: bytes) -> Preview:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        entries = [one for one in archive.infolist() if not one.is_dir()]
    rows = tuple((one.filename[:200], file_size(one.file_size)) for one in entries[:MOST_LINES])
    return words(
        "",
        Section(
            title=_("Files in the archive"),
            columns=(_("Name"), _("Size")),
            rows=rows,
            more=len(entries) - len(rows),
        ),
    )


def _page(data: bytes) -> Preview:
    return words(_("web page, as plain text"), text=letters.text_of_page(decoded(data)))


def _empty(_data: bytes) -> Preview:
    return nothing(_("It is empty."))


_READERS: Final[dict[str, Callable[[bytes], Preview]]] = {
    media_types.XML: _xml,
    media_types.ZIP: _archive,
    media_types.EMPTY: _empty,
    "message/rfc822": letters.shown,
    "text/html": _page,
}


def decoded(data: bytes) -> str:
    """Read a text of which nobody said how it is written."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    return text.replace("\0", "\ufffd")
