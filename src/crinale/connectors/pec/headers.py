"""The headers of a mail or of a part: RFC 5322 fields as they come, parameters as they are meant."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from crinale.connectors.pec import findings as f
from crinale.connectors.pec.texts import decode, header_text, without_controls, words

if TYPE_CHECKING:
    from crinale.connectors.pec.findings import Findings

_FIELD: Final = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*(?:\r?\n[ \t].*|\r[ \t].*)*)")
_MESSAGE_ID: Final = re.compile(r"<([^<>]{1,990})>")
ADDRESS: Final = re.compile(r"[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]{1,255}")
_ONCE: Final = ("from", "subject", "date", "message-id", "to", "cc", "content-type")
_MAX_PARAMETERS: Final = 4096
# What email.message raises on parameters that were made to hurt it.
_PARAMETER_ERRORS: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, LookupError)


@dataclass(frozen=True, slots=True)
class Headers:
    """Fields by lower-case name, in the order in which they stand; values are raw bytes, still folded."""

    fields: dict[str, list[bytes]] = field(default_factory=dict)

    @classmethod
    def parse(cls, block: bytes) -> Headers:
        """Take the fields out of a block of headers; lines that are none are passed over."""
        found: dict[str, list[bytes]] = {}
        for line in _FIELD.finditer(block):
            # A line is a field only where a line begins.
            if line.start() == 0 or block[line.start() - 1] in b"\r\n":
                found.setdefault(line[1].decode("ascii").lower(), []).append(line[2].strip())
        return cls(found)

    def text(self, name: str, findings: Findings | None = None) -> str:
        """Give a field as clean text, empty when it is missing; the first one where it is repeated."""
        values = self.fields.get(name, [])
        return header_text(values[0], findings) if values else ""

    def token(self, name: str) -> str:
        """Give a field of which only a word counts: lower case, without comments and parameters."""
        return re.split(r"[;(]", self.text(name))[0].strip().lower()

    def repeated(self) -> bool:
        """Say whether a field that may stand once stands more than once."""
        return any(len(self.fields.get(name, ())) > 1 for name in _ONCE)

    def message_ids(self, name: str) -> tuple[str, ...]:
        """Give the message ids of a field, without brackets."""
        text = self.text(name)
        found = [re.sub(r"\s", "", one) for one in _MESSAGE_ID.findall(text)]
        if not found and text:
            found = [text.strip("<> ").split(" ")[0][:990]]
        return tuple(one for one in found if one)

    def message_id(self, name: str = "message-id") -> str:
        """Give the first message id of a field, empty when there is none."""
        return next(iter(self.message_ids(name)), "")

    def addresses(self, name: str, *, limit: int) -> tuple[tuple[str, str], ...]:
        """Give (display name, address) of those in a field that are addresses."""
        values = [decode(raw[:65536], "utf-8") for raw in self.fields.get(name, [])[:20]]
        unfolded = [without_controls(re.sub(r"[\r\n]+", " ", value)) for value in values]
        try:
            found = _addresses(getaddresses(unfolded), limit)
        except (ValueError, TypeError, IndexError, RecursionError):
            found = ()
        # Where the syntax is broken, what looks like an address is one.
        return found or _addresses([("", one) for value in unfolded for one in ADDRESS.findall(value)], limit)

    def sent_at(self, findings: Findings) -> datetime | None:
        """Give the instant in ``Date``, None when it is missing or senseless."""
        text = self.text("date")
        if not text:
            findings.add(f.NO_DATE)
            return None
        try:
            found = parsedate_to_datetime(text[:200])
            instant = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            findings.add(f.WRONG_DATE)
            return None
        if not 1970 <= instant.year <= 2200:
            findings.add(f.WRONG_DATE)
            return None
        return instant

    def content_type(self, default: str = "text/plain") -> str:
        """Give the media type, ``default`` when it is missing or none."""
        if "content-type" not in self.fields:
            return default
        found = self.token("content-type").replace(" ", "")
        return found if re.fullmatch(r"[\w.+\-]{1,80}/[\w.+\-]{1,120}", found) else "application/octet-stream"

    def parameter(self, name: str, parameter: str) -> str:
        """Give a parameter of a field by RFC 2231, or by RFC 2047 as some mailers write it."""
        values = self.fields.get(name)
        if not values:
            return ""
        holder = Message()
        holder["x-field"] = re.sub(r"[\r\n]+[ \t]*", " ", decode(values[0][:_MAX_PARAMETERS], "utf-8"))
        try:
            value = holder.get_param(parameter, "", header="x-field", unquote=True)
        except _PARAMETER_ERRORS:
            return ""
        if isinstance(value, tuple):
            charset, _, text = value
            return words(decode(text.encode("latin-1", errors="replace"), charset or "utf-8"))
        return words(value)

    def file_name(self) -> str:
        """Give the name that a part gives to its file, as it is written."""
        return self.parameter("content-disposition", "filename") or self.parameter("content-type", "name")


def _addresses(pairs: list[tuple[str, str]], limit: int) -> tuple[tuple[str, str], ...]:
    found = []
    for shown, address in pairs[:limit]:
        clean = words(address).strip()
        if ADDRESS.fullmatch(clean):
            found.append((without_controls(words(shown)).strip().strip('"'), clean))
    return tuple(found)
