"""What a mail holds: its text, its files, its protocol file. One collector for one mail.

Circolare AgID 60/2013 names the protocol files; other parts become text or files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from crinale.connectors.pec import findings as f
from crinale.connectors.pec.encodings import PLAIN, UU_BEGIN, UU_NAMES, uu_end, uu_lines
from crinale.connectors.pec.texts import body_text, html_text, is_invisible
from crinale.connectors.pec.tnef import TnefDamaged, tnef_files
from crinale.kernel.errors import Invalid
from crinale.spine.exchange.mail_values import MailFile
from crinale.spine.records.rules.names import clean_file_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crinale.connectors.pec.findings import Findings
    from crinale.connectors.pec.limits import MailLimits
    from crinale.connectors.pec.parts import Part
    from crinale.spine.records.ports import BlobStore

SEGNATURA: Final = "segnatura.xml"
ANSWERS: Final = {
    f"{name.lower()}.xml": f"{name}.xml"
    for name in ("Conferma", "Aggiornamento", "Eccezione", "Annullamento")
}
_TEXTS: Final = frozenset({"text/plain", "text/html"})
_ENCLOSED: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_TNEF: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_FOLDERS: Final = re.compile(r"[/\\]")
_EXTENSIONS: Final = {
    "application/pdf": ".pdf",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "application/zip": ".zip",
    "message/rfc822": ".eml",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
}
_SIGNATURES: Final = {
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
}


class Contents:
    """Collects the contents of one mail; ``within`` is the path to it, such as ``postacert.eml/``."""

    def __init__(self, store: BlobStore, limits: MailLimits, findings: Findings, *, within: str = "") -> None:
        self._store, self._limits, self._findings, self._within = store, limits, findings, within
        self._texts: list[str] = []
        self._names: set[str] = set()
        self.files: list[MailFile] = []
        self.segnatura: bytes | None = None
        self.protocol_answer: tuple[str, bytes] | None = None

    @property
    def text(self) -> str:
        """The text of the mail, cut at the limit."""
        whole = "\n\n".join(text.strip() for text in self._texts if text.strip())
        if len(whole) > self._limits.text_characters:
            self._findings.add(f.TEXT_CUT)
        return whole[: self._limits.text_characters]

    def take(self, part: Part) -> None:
        """Take what an entity holds."""
        if part.cut:
            self._keep("parte.eml", part.raw(canonical=False))
        elif part.media_type == "multipart/alternative":
            self._take_alternative(part)
        elif part.children:
            for child in part.children:
                self.take(child)
        elif _is_body(part):
            self._texts.append(self._text_of(part))
        else:
            self._take_file(part)

    def _take_alternative(self, part: Part) -> None:
        """Take the plain text if there is any, else that of the page; what is neither is a file."""
        leaves = list(part.leaves())
        bodies = [leaf for leaf in leaves if _is_body(leaf) and not leaf.cut]
        plain = [
            text for one in bodies if one.media_type == "text/plain" and (text := self._text_of(one)).strip()
        ]
        self._texts += plain or [self._text_of(one) for one in bodies if one.media_type == "text/html"]
        for leaf in leaves:
            if leaf not in bodies:
                self.take(leaf)

    def _text_of(self, part: Part) -> str:
        charset = part.headers.parameter("content-type", "charset") or None
        limit = self._limits.body_bytes
        if part.media_type == "text/html":
            return html_text(part.content(self._findings, limit=limit), charset, self._findings)
        if not part.encoding.startswith(("base64", "quoted")):
            return self._text_with_uuencoded(part, charset)
        content = part.content(self._findings, limit=limit)
        if len(content) >= limit:
            self._findings.add(f.TEXT_CUT)
        return body_text(content, charset, self._findings)

    def _text_with_uuencoded(self, part: Part, charset: str | None) -> str:
        """Give the text, the uuencoded files in it taken out."""
        data, position, limit = part.data, part.start, self._limits.body_bytes
        if part.encoding not in PLAIN | UU_NAMES:
            self._findings.add(f.WRONG_ENCODING)
        text = bytearray()
        while begin := UU_BEGIN.search(data, position, part.end):
            lines_end, after = uu_end(data, begin.end(), part.end)
            first = data[begin.end() : begin.end() + 1]
            counted = bool(first) and (0x20 < first[0] <= 0x60 or lines_end == begin.end())
            if not counted or after == lines_end == part.end:  # a sentence that begins with "begin"
                text += data[position : min(begin.end(), position + limit)]
                position = begin.end()
                continue
            text += data[position : min(begin.start(), position + limit)]
            name = begin[1].decode("utf-8", errors="replace")
            self._keep(name, uu_lines(data, begin.end(), lines_end, self._findings))
            position = after
        text += data[position : min(part.end, position + limit)]
        if len(text) >= limit:
            self._findings.add(f.TEXT_CUT)
        return body_text(bytes(text[:limit]), charset, self._findings)

    def _take_file(self, part: Part) -> None:
        name = part.headers.file_name()
        if part.media_type == "message/external-body":
            self._findings.add(f.ELSEWHERE)
        elif part.media_type == "message/partial":
            self._findings.add(f.INCOMPLETE)
        elif part.media_type in _ENCLOSED and (not name or name.lower() == "smime.p7m"):
            self._findings.add(f.ENCRYPTED)
        protocol_name = name.strip().lower()
        if (protocol_name == SEGNATURA or protocol_name in ANSWERS) and self._take_protocol(
            part, protocol_name
        ):
            return
        if part.media_type in _TNEF or protocol_name == "winmail.dat":
            if self._take_tnef(part):
                return
            name = name or "winmail.dat"
        self._keep(name or self._made_name(part), part.stream(self._findings), given=bool(name))

    def _take_protocol(self, part: Part, name: str) -> bool:
        content = part.content(self._findings, limit=self._limits.protocol_file_bytes + 1)
        if len(content) > self._limits.protocol_file_bytes:
            self._findings.add(f.LARGE_PROTOCOL_FILE)
            return False
        if not content:
            return False
        if name == SEGNATURA and self.segnatura is None:
            self.segnatura = content
        elif name in ANSWERS and self.protocol_answer is None:
            self.protocol_answer = ANSWERS[name], content
        else:
            self._findings.add(f.SECOND_PROTOCOL_FILE)
            return False
        return True

    def _take_tnef(self, part: Part) -> bool:
        content = part.content(self._findings, limit=self._limits.held_bytes)
        try:
            files = tnef_files(content)
        except TnefDamaged:
            self._findings.add(f.TNEF_DAMAGED)
            return False
        if not files:
            return False
        self._findings.add(f.TNEF_OPENED)
        for file in files:
            self._keep(file.name or "allegato", iter((file.data,)), folder="winmail.dat/")
        return True

    def _made_name(self, part: Part) -> str:
        if part.media_type in _SIGNATURES:
            return _SIGNATURES[part.media_type]
        stem = "messaggio" if part.media_type == "message/rfc822" else "allegato"
        return f"{stem}-{len(self.files) + 1}{_EXTENSIONS.get(part.media_type, '.bin')}"

    def _keep(self, name: str, pieces: Iterable[bytes], *, folder: str = "", given: bool = True) -> None:
        clean = self._clean_name(name, given=given)
        writer = self._store.writer(file_name=clean)
        try:
            for piece in pieces:
                writer.write(piece)
            if not writer.size:
                self._findings.add(f.EMPTY_FILE)
                return
            blob = writer.commit()
        finally:
            writer.abort()
        unique = self._unique(clean)
        self.files.append(
            MailFile(unique, blob.media_type, blob.size, blob.sha256, f"{self._within}{folder}{unique}")
        )

    def _clean_name(self, name: str, *, given: bool) -> str:
        visible = "".join(char for char in name if not is_invisible(char))
        if visible != name:
            self._findings.add(f.CLEANED_NAME)
        if _FOLDERS.search(visible):
            self._findings.add(f.NAME_WITH_FOLDERS)
        try:
            clean = clean_file_name(visible)
        except Invalid:
            clean, given = f"allegato-{len(self.files) + 1}.bin", False
        if not given:
            self._findings.add(f.UNNAMED_FILE)
        return clean

    def _unique(self, name: str) -> str:
        """Number the names that stand more than once, so that each file of a mail has its own."""
        stem, dot, extension = name.rpartition(".")
        stem = stem if dot else extension
        candidates: Iterator[str] = (
            f"{stem[:200]} ({number}){dot}{extension if dot else ''}" for number in range(2, 10_000)
        )
        unique = (
            name
            if name.lower() not in self._names
            else next(one for one in candidates if one.lower() not in self._names)
        )
        self._names.add(unique.lower())
        return unique


def _is_body(part: Part) -> bool:
    """Say whether a part is text to read and not a file."""
    if part.media_type not in _TEXTS or part.children:
        return False
    return part.headers.token("content-disposition") != "attachment" and not part.headers.file_name()
