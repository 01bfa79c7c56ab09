"""Making mails piece by piece, so that files stream from the store: RFC 5322, 2045, 2046, 2231."""

from __future__ import annotations

import re
from base64 import encodebytes
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from quopri import encodestring
from typing import TYPE_CHECKING, Final

from crinale.connectors.pec.certification import FORMS
from crinale.connectors.pec.headers import ADDRESS
from crinale.connectors.pec.texts import without_controls
from crinale.spine.exchange.mail_values import MailFailure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from crinale.spine.exchange.mail_values import MailDraft
    from crinale.spine.records.ports import BlobStore

_BASE64_CHUNK: Final = 57 * 4096
_MEDIA_TYPE: Final = re.compile(r"[\w.+\-]{1,80}/[\w.+\-]{1,120}")
_ITALIAN_FORMS: Final = {english: italian for italian, english in FORMS.items()}
_POLICY: Final = SMTP.clone(max_line_length=76)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part without parts: its headers and its body, encoded already."""

    head: bytes
    body: Iterable[bytes]


def one_line(text: str) -> str:
    """Give a text that cannot begin another header."""
    return " ".join(without_controls(text).split())


def mailbox(name: str, address: str) -> str:
    """Give an address with its name, as a header wants it.

    :raises MailFailure: when it is not an address.
    """
    if not ADDRESS.fullmatch(address) or not address.isascii():
        raise MailFailure("refused", f"{address!r} is not an address.", permanent=True)
    user, _, domain = address.rpartition("@")
    return str(Address(one_line(name), user, domain))


def head(fields: Mapping[str, str]) -> bytes:
    """Give the fields that are not empty, encoded and folded."""
    holder = EmailMessage(policy=_POLICY)
    for name, value in fields.items():
        if value:
            holder[name] = one_line(value)
    return holder.as_bytes().split(b"\r\n\r\n")[0].rstrip(b"\r\n") + b"\r\n"


def text_leaf(text: str) -> Leaf:
    """Make a text/plain part."""
    body = encodestring(("\n".join(text.splitlines()) + "\n").encode("utf-8"), quotetabs=False)
    return Leaf(
        b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n',
        (re.sub(rb"\r?\n", b"\r\n", body),),
    )


def file_leaf(name: str, media_type: str, pieces: Iterable[bytes]) -> Leaf:
    """Make a part of a file, in base64; ``pieces`` are read when the part is written."""
    kind = media_type if _MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream"
    # Not message/rfc822, which may not be in base64 (RFC 2046 section 5.2.1), nor a multipart.
    kind = "application/octet-stream" if kind.startswith(("message/", "multipart/")) else kind
    holder = EmailMessage(policy=_POLICY)
    holder["Content-Type"] = kind
    holder.set_param("name", one_line(name))
    holder.add_header("Content-Disposition", "attachment", filename=one_line(name))
    holder["Content-Transfer-Encoding"] = "base64"
    fields = holder.as_bytes().split(b"\r\n\r\n")[0].rstrip(b"\r\n") + b"\r\n"
    return Leaf(fields, _base64(pieces))


def mail_leaf(name: str, content: bytes) -> Leaf:
    """Make a part of a whole mail, its bytes as they are."""
    return Leaf(
        b'Content-Type: message/rfc822; name="%s"\r\nContent-Disposition: attachment; filename="%s"\r\n'
        b"Content-Transfer-Encoding: 8bit\r\n" % (name.encode("ascii"), name.encode("ascii")),
        (content,),
    )


def multipart(kind: str, parts: Iterable[Leaf], *, seed: str, parameters: str = "") -> Iterator[bytes]:
    """Give a multipart, from its Content-Type on; ``seed`` makes the boundary, so that it repeats."""
    # Neither base64 nor quoted-printable can hold "=_".
    boundary = b"=_" + sha256(f"{kind}{seed}".encode()).hexdigest()[:32].encode("ascii")
    yield f'Content-Type: multipart/{kind}; {parameters}boundary="'.encode("ascii") + boundary + b'"\r\n\r\n'
    for part in parts:
        yield b"--" + boundary + b"\r\n" + part.head + b"\r\n"
        yield from part.body
        yield b"\r\n"
    yield b"--" + boundary + b"--\r\n"


def compose(draft: MailDraft, *, sender: str, at: datetime, store: BlobStore) -> Iterator[bytes]:
    """Give the mail of a draft, the protocol file before the others.

    :raises MailFailure: when an address is none.
    """
    yield head(
        {
            "From": mailbox(draft.sender_name, sender),
            "To": mailbox("", draft.recipient),
            "Subject": draft.subject,
            "Date": at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
            "Message-ID": f"<{one_line(draft.message_id)}>",
            "In-Reply-To": f"<{one_line(draft.in_reply_to)}>" if draft.in_reply_to else "",
            "References": f"<{one_line(draft.in_reply_to)}>" if draft.in_reply_to else "",
            "X-TipoRicevuta": _ITALIAN_FORMS[draft.receipt_form],
            "MIME-Version": "1.0",
        }
    )
    yield from multipart("mixed", _parts(draft, store), seed=draft.message_id)


def _parts(draft: MailDraft, store: BlobStore) -> Iterator[Leaf]:
    yield text_leaf(draft.text)
    if draft.protocol_file:
        name, content = draft.protocol_file
        yield file_leaf(name, "application/xml", (content,))
    for file in draft.files:
        yield file_leaf(file.name, file.media_type, _stored(store, file.sha256))


def _stored(store: BlobStore, sha256_hex: str) -> Iterator[bytes]:
    with store.open(sha256_hex) as stream:
        while piece := stream.read(_BASE64_CHUNK):
            yield piece


def _base64(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        rest += piece
        whole = len(rest) - len(rest) % 57
        if whole:
            yield encodebytes(rest[:whole]).replace(b"\n", b"\r\n")
            rest = rest[whole:]
    if rest:
        yield encodebytes(rest).replace(b"\n", b"\r\n")
