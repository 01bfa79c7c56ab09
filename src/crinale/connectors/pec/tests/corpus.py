"""Mails that hurt: one builder each, with what must come out of it."""

from __future__ import annotations

import binascii
import io
import struct
import zipfile
from base64 import b64encode, encodebytes
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.connectors.pec import findings as f

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = (
    b"From: Mario Rossi <mario@posta.example>\r\nTo: protocollo@pec.example\r\n"
    b"Date: Mon, 23 Nov 2026 10:00:00 +0100\r\nMessage-ID: <1@posta.example>\r\n"
)
MIME = b"MIME-Version: 1.0\r\n"
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # SHA-256 of "abc"


@dataclass(frozen=True)
class Hostile:
    """A mail and what is expected of it. ``files``: their names; ``finding``: one that must be there.

    ``findings`` are all, where nothing else may be found.
    """

    raw: bytes
    kind: str = "ordinary"
    subject: str = "Prova"
    files: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    text: str | None = None
    content: bytes | None = None
    sender: str = "mario@posta.example"


BUILDERS: dict[str, Callable[[], Hostile]] = {}


def hostile(build: Callable[[], Hostile]) -> Callable[[], Hostile]:
    """Put a builder into the corpus under its name."""
    BUILDERS[build.__name__] = build
    return build


def plain(body: bytes, *, subject: bytes = b"Prova", head: bytes = HEAD, extra: bytes = b"") -> bytes:
    return head + b"Subject: " + subject + b"\r\n" + MIME + extra + b"\r\n" + body


def parts(*entities: bytes, kind: bytes = b"mixed", close: bool = True, boundary: bytes = b"bb") -> bytes:
    body = b"".join(b"--" + boundary + b"\r\n" + one + b"\r\n" for one in entities)
    end = b"--" + boundary + b"--\r\n" if close else b""
    return (
        HEAD
        + b"Subject: Prova\r\n"
        + MIME
        + b"Content-Type: multipart/"
        + kind
        + b'; boundary="'
        + boundary
        + b'"\r\n\r\n'
        + body
        + end
    )


def text(content: bytes = b"Testo.", fields: bytes = b"") -> bytes:
    return b"Content-Type: text/plain\r\n" + fields + b"\r\n" + content


def file(
    name: bytes = b'filename="a.pdf"',
    content: bytes = b"YWJj",
    encoding: bytes = b"base64",
    kind: bytes = b"application/pdf",
) -> bytes:
    return (
        b"Content-Type: "
        + kind
        + b"\r\nContent-Disposition: attachment; "
        + name
        + b"\r\nContent-Transfer-Encoding: "
        + encoding
        + b"\r\n\r\n"
        + content
    )


def tnef(*files: tuple[bytes, bytes], damage: bool = False) -> bytes:
    def attribute(level: int, kind: int, value: bytes) -> bytes:
        check = (sum(value) + (1 if damage else 0)) & 0xFFFF
        return struct.pack("<BII", level, kind, len(value)) + value + struct.pack("<H", check)

    found = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00089006, b"\0\0\1\0")
    for name, content in files:
        found += attribute(2, 0x00069002, b"\0" * 14) + attribute(2, 0x00018010, name + b"\0")
        found += attribute(2, 0x0006800F, content)
    return found


def uu(content: bytes, name: bytes = b"vecchio.doc") -> bytes:
    lines = [binascii.b2a_uu(content[at : at + 45]).rstrip(b"\n") for at in range(0, len(content), 45)]
    return b"begin 644 " + name + b"\r\n" + b"\r\n".join(lines) + b"\r\n`\r\nend\r\n"


# Not a mail, or hardly one.


@hostile
def empty() -> Hostile:
    return Hostile(b"", kind="unreadable", subject="", findings=(f.EMPTY_MAIL,), sender="")


@hostile
def only_blank_lines() -> Hostile:
    return Hostile(b"\r\n\n\r\n", kind="unreadable", subject="", findings=(f.EMPTY_MAIL,), sender="")


@hostile
def random_bytes() -> Hostile:
    return Hostile(
        bytes(range(128, 256)) * 40, kind="unreadable", subject="", findings=(f.NO_HEADERS,), sender=""
    )


@hostile
def nul_bytes() -> Hostile:
    return Hostile(b"\0" * 5000, kind="unreadable", subject="", findings=(f.NO_HEADERS,), sender="")


@hostile
def headers_without_body() -> Hostile:
    return Hostile(HEAD + b"Subject: Prova", text="")


@hostile
def bare_line_feeds() -> Hostile:
    return Hostile(plain(b"uno\r\ndue").replace(b"\r\n", b"\n"), text="uno\ndue")


@hostile
def byte_order_mark_first() -> Hostile:
    return Hostile(b"\xef\xbb\xbf" + plain(b"ciao"), text="ciao")


@hostile
def mbox_line_first() -> Hostile:
    return Hostile(b"From mario@posta.example Mon Nov 23 10:00:00 2026\r\n" + plain(b"ciao"), text="ciao")


@hostile
def lines_that_are_no_headers() -> Hostile:
    return Hostile(b"che cosa e questo\r\n" + plain(b"ciao"), text="ciao")


# Headers.


@hostile
def no_headers_that_matter() -> Hostile:
    return Hostile(
        b"X-Altro: 1\r\n\r\nciao",
        subject="",
        sender="",
        findings=(f.NO_SENDER, f.NO_MESSAGE_ID, f.NO_DATE),
        text="ciao",
    )


@hostile
def headers_twice() -> Hostile:
    return Hostile(
        HEAD + b"Subject: Prova\r\nSubject: Altro\r\nFrom: <altro@posta.example>\r\n\r\nciao",
        findings=(f.REPEATED_HEADER,),
    )


@hostile
def subject_in_raw_utf8() -> Hostile:
    return Hostile(plain(b"", subject="Città è".encode()), subject="Città è")


@hostile
def subject_in_raw_windows_1252() -> Hostile:
    return Hostile(plain(b"", subject="Città €".encode("cp1252")), subject="Città €")


@hostile
def subject_word_torn_within_a_character() -> Hostile:
    return Hostile(
        plain(b"", subject=b"=?utf-8?q?Citt=C3?=\r\n =?utf-8?q?=A0_nostra?="), subject="Città nostra"
    )


@hostile
def subject_in_an_unknown_charset() -> Hostile:
    return Hostile(
        plain(b"", subject=b"=?x-marziano?q?Citt=E0?="), subject="Città", findings=(f.WRONG_CHARSET,)
    )


@hostile
def subject_in_a_codec_that_is_no_charset() -> Hostile:
    return Hostile(plain(b"", subject=b"=?zlib?b?UHJv?= =?idna?q?va?="), subject="Prova")


@hostile
def subject_with_broken_base64() -> Hostile:
    return Hostile(plain(b"", subject=b"=?utf-8?b?UHJvdmE?= =?utf-8?b?!!!?="), subject="Prova")


@hostile
def subject_with_controls_and_reordering() -> Hostile:
    return Hostile(plain(b"", subject="Pro\x00\x07va\u202efdp\u2066".encode()), subject="Provafdp")


@hostile
def subject_that_folds_for_long() -> Hostile:
    return Hostile(plain(b"", subject=b"a\r\n " * 3000 + b"b"), subject="a " * 3000 + "b")


@hostile
def one_header_of_a_megabyte() -> Hostile:
    return Hostile(
        HEAD + b"Subject: Prova\r\nX-Lungo: " + b"x" * 1_000_000 + b"\r\n\r\nciao",
        findings=(f.LONG_HEADERS,),
        text="ciao",
    )


@hostile
def thousands_of_headers() -> Hostile:
    return Hostile(HEAD + b"Subject: Prova\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\nciao", text="ciao")


@hostile
def date_of_nonsense() -> Hostile:
    return Hostile(
        plain(b"", head=HEAD.replace(b"Mon, 23 Nov 2026", b"Lun, 99 Brumaio 2026")), findings=(f.WRONG_DATE,)
    )


@hostile
def date_beyond_all_years() -> Hostile:
    return Hostile(
        plain(b"", head=HEAD.replace(b"2026 10", b"9999 23").replace(b"+0100", b"-9959")),
        findings=(f.WRONG_DATE,),
    )


@hostile
def sender_without_an_address() -> Hostile:
    return Hostile(
        plain(b"", head=HEAD.replace(b"<mario@posta.example>", b"")), findings=(f.NO_SENDER,), sender=""
    )


@hostile
def sender_of_two_addresses() -> Hostile:
    return Hostile(
        plain(b"", head=HEAD.replace(b"From: ", b"From: Uno <uno@posta.example>, ")),
        sender="uno@posta.example",
    )


@hostile
def sender_with_broken_quotes() -> Hostile:
    return Hostile(plain(b"", head=HEAD.replace(b"Mario Rossi", b'"Mario \\" ( Rossi')))


@hostile
def thousands_of_recipients() -> Hostile:
    many = b", ".join(b"a%d@posta.example" % number for number in range(5000))
    return Hostile(plain(b"", head=HEAD.replace(b"protocollo@pec.example", many)))


# Structure.


@hostile
def boundary_missing() -> Hostile:
    return Hostile(
        plain(b"ciao", extra=b"Content-Type: multipart/mixed\r\n"), findings=(f.NO_PARTS,), text="ciao"
    )


@hostile
def boundary_never_used() -> Hostile:
    return Hostile(
        plain(b"ciao", extra=b"Content-Type: multipart/mixed; boundary=zz\r\n"),
        findings=(f.NO_PARTS,),
        text="ciao",
    )


@hostile
def boundary_of_regular_expression_signs() -> Hostile:
    return Hostile(parts(text(), file(), boundary=b"(.*)+[a"), files=("a.pdf",), text="Testo.")


@hostile
def boundary_never_closed() -> Hostile:
    return Hostile(
        parts(text(), file(), close=False), files=("a.pdf",), findings=(f.NOT_CLOSED,), text="Testo."
    )


@hostile
def truncated_in_the_middle_of_a_file() -> Hostile:
    raw = parts(text(), file(content=encodebytes(b"abc" * 100)), close=False)
    return Hostile(raw[:-100], files=("a.pdf",), findings=(f.NOT_CLOSED,))


@hostile
def boundary_line_without_content() -> Hostile:
    return Hostile(parts(b"", b"", text()), text="Testo.")


@hostile
def boundary_of_the_outer_inside() -> Hostile:
    inner = b"Content-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n\r\nuno\r\n--bb--"
    return Hostile(parts(inner), text="uno", findings=(f.NO_PARTS,))


@hostile
def multiparts_a_hundred_deep() -> Hostile:
    entity = text()
    for number in range(100):
        mark = b"x%d" % number
        entity = (
            b"Content-Type: multipart/mixed; boundary="
            + mark
            + b"\r\n\r\n--"
            + mark
            + b"\r\n"
            + entity
            + b"\r\n--"
            + mark
            + b"--\r\n"
        )
    return Hostile(
        HEAD + b"Subject: Prova\r\n" + entity, files=("parte.eml",), findings=(f.TOO_DEEP,), text=""
    )


@hostile
def two_thousand_parts() -> Hostile:
    return Hostile(parts(*[text(b"t")] * 2000), findings=(f.TOO_MANY_PARTS,), text="\n\n".join("t" * 499))


@hostile
def content_type_of_nonsense() -> Hostile:
    return Hostile(
        plain(b"ciao", extra=b"Content-Type: boh; ; ==;;\r\n"),
        files=("allegato-1.bin",),
        findings=(f.UNNAMED_FILE,),
    )


@hostile
def content_type_with_thousands_of_parameters() -> Hostile:
    extra = b"Content-Type: text/plain" + b"".join(b'; a%d*0*="' % n for n in range(5000)) + b"\r\n"
    return Hostile(plain(b"ciao", extra=extra), text="ciao")


@hostile
def a_mail_within_a_mail() -> Hostile:
    inner = plain(b"dentro", subject=b"Altro")
    return Hostile(
        parts(text(), b"Content-Type: message/rfc822\r\n\r\n" + inner),
        files=("messaggio-1.eml",),
        content=inner,
        findings=(f.UNNAMED_FILE,),
    )


@hostile
def mails_fifty_deep() -> Hostile:
    inner = plain(b"fondo")
    for _ in range(50):
        inner = HEAD + b"Subject: Prova\r\nContent-Type: message/rfc822; name=m.eml\r\n\r\n" + inner
    return Hostile(inner, files=("m.eml",))


@hostile
def a_segnatura_in_an_attached_mail_is_not_ours() -> Hostile:
    inner = parts(b"Content-Type: application/xml; name=Segnatura.xml\r\n\r\n<a/>", boundary=b"in")
    return Hostile(
        parts(text(), b"Content-Type: message/rfc822; name=altro.eml\r\n\r\n" + inner), files=("altro.eml",)
    )


@hostile
def a_digest_of_mails() -> Hostile:
    return Hostile(
        parts(b"\r\n" + plain(b"uno"), b"\r\n" + plain(b"due"), kind=b"digest"),
        files=("messaggio-1.eml", "messaggio-2.eml"),
        findings=(f.UNNAMED_FILE,),
    )


@hostile
def a_part_kept_elsewhere() -> Hostile:
    extra = (
        b'Content-Type: message/external-body; access-type=URL; URL="http://posta.example/x"; name=x.txt\r\n'
    )
    return Hostile(
        plain(b"Content-Type: text/plain\r\n\r\n", extra=extra), files=("x.txt",), findings=(f.ELSEWHERE,)
    )


@hostile
def a_fragment() -> Hostile:
    extra = b'Content-Type: message/partial; id="a"; number=1; total=3; name=f.eml\r\n'
    return Hostile(plain(b"pezzo", extra=extra), files=("f.eml",), findings=(f.INCOMPLETE,))


@hostile
def an_encrypted_mail() -> Hostile:
    extra = (
        b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n"
        b"Content-Transfer-Encoding: base64\r\n"
    )
    return Hostile(plain(b"MIIB", extra=extra), files=("smime.p7m",), findings=(f.ENCRYPTED,))


@hostile
def a_clear_signed_ordinary_mail() -> Hostile:
    return Hostile(
        parts(
            text(), b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nabc", kind=b"signed"
        ),
        files=("smime.p7s",),
        text="Testo.",
    )


# Texts.


@hostile
def text_in_a_false_charset() -> Hostile:
    return Hostile(
        plain("perché".encode("cp1252"), extra=b"Content-Type: text/plain; charset=utf-8\r\n"),
        text="perché",
        findings=(f.WRONG_CHARSET,),
    )


@hostile
def text_in_an_empty_charset() -> Hostile:
    return Hostile(plain("perché".encode(), extra=b'Content-Type: text/plain; charset=""\r\n'), text="perché")


@hostile
def text_in_a_charset_with_a_nul() -> Hostile:
    return Hostile(
        plain("perché".encode(), extra=b'Content-Type: text/plain; charset="a\x00b"\r\n'), text="perché"
    )


@hostile
def text_in_utf_16() -> Hostile:
    extra = b"Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n"
    return Hostile(plain(b64encode("perché".encode("utf-16")), extra=extra), text="perché")


@hostile
def text_in_utf_7_keeps_its_markup_as_text() -> Hostile:
    extra = b"Content-Type: text/plain; charset=utf-7\r\n"
    return Hostile(plain(b"+ADw-script+AD4-", extra=extra), text="<script>")


@hostile
def text_of_ten_megabytes() -> Hostile:
    return Hostile(plain(b"parola " * 1_500_000), findings=(f.TEXT_CUT,))


@hostile
def text_with_controls() -> Hostile:
    return Hostile(plain(b"a\x00b\x1b[31mc\x08\r\nd"), text="ab[31mc\nd")


@hostile
def text_in_broken_quoted_printable() -> Hostile:
    return Hostile(
        plain(
            b"a=ZZb=E0=\r\nc=",
            extra=b"Content-Type: text/plain; charset=iso-8859-1\r\n"
            b"Content-Transfer-Encoding: quoted-printable\r\n",
        ),
        text="a=ZZbàc",
    )


@hostile
def text_in_an_unknown_encoding() -> Hostile:
    return Hostile(
        plain(b"ciao", extra=b"Content-Transfer-Encoding: x-boh\r\n"),
        text="ciao",
        findings=(f.WRONG_ENCODING,),
    )


@hostile
def html_with_scripts_and_styles() -> Hostile:
    html = (
        b"<html><head><title>t</title><style>p{}</style></head><body><script>alert(1)</script>"
        b"<p>Uno<br>due &amp; tr&egrave;</p><img src='http://x.example/spia.gif'></body>"
    )
    return Hostile(plain(html, extra=b"Content-Type: text/html\r\n"), text="Uno\ndue & trè")


@hostile
def html_never_closed() -> Hostile:
    html = b"<p>uno<![<!-- <!DOCTYPE [ <![CDATA[ <div <b>due"
    return Hostile(plain(html, extra=b"Content-Type: text/html\r\n"), text="uno due")


@hostile
def html_ten_thousand_deep() -> Hostile:
    return Hostile(plain(b"<div>" * 10_000 + b"ciao", extra=b"Content-Type: text/html\r\n"), text="ciao")


@hostile
def html_that_names_its_own_charset() -> Hostile:
    html = '<meta http-equiv=x content="text/html; charset=windows-1252"><p>perché'.encode("cp1252")
    return Hostile(plain(html, extra=b"Content-Type: text/html\r\n"), text="perché")


@hostile
def alternatives_of_which_the_plain_is_empty() -> Hostile:
    return Hostile(
        parts(text(b" "), b"Content-Type: text/html\r\n\r\n<p>Pagina", kind=b"alternative"), text="Pagina"
    )


@hostile
def alternatives_with_a_file_within() -> Hostile:
    return Hostile(
        parts(
            text(),
            b"Content-Type: text/html\r\n\r\n<p>Pagina",
            file(b"filename=invito.ics", kind=b"text/calendar"),
            kind=b"alternative",
        ),
        text="Testo.",
        files=("invito.ics",),
    )


# Files.


@hostile
def file_of_no_bytes() -> Hostile:
    return Hostile(
        parts(text(), file(content=b""), file(b"filename=b.pdf")), files=("b.pdf",), findings=(f.EMPTY_FILE,)
    )


@hostile
def file_without_a_name() -> Hostile:
    return Hostile(parts(text(), file(b"size=3")), files=("allegato-1.pdf",), findings=(f.UNNAMED_FILE,))


@hostile
def file_named_through_folders() -> Hostile:
    return Hostile(
        parts(file(b'filename="../../etc/passwd"')), files=("passwd",), findings=(f.NAME_WITH_FOLDERS,)
    )


@hostile
def file_named_through_windows_folders() -> Hostile:
    return Hostile(
        parts(file(b'filename="C:\\\\Windows\\\\a.pdf"')), files=("a.pdf",), findings=(f.NAME_WITH_FOLDERS,)
    )


@hostile
def file_named_backwards() -> Hostile:
    return Hostile(
        parts(file(b"filename*=utf-8''fattura%E2%80%AEfdp.exe")),
        files=("fatturafdp.exe",),
        findings=(f.CLEANED_NAME,),
    )


@hostile
def file_named_with_controls() -> Hostile:
    return Hostile(
        parts(file(b"filename*=utf-8''a%00b%0D%0A%E2%80%8B.pdf")),
        files=("ab.pdf",),
        findings=(f.CLEANED_NAME,),
    )


@hostile
def file_named_by_dots() -> Hostile:
    return Hostile(parts(file(b'filename="..."')), files=("allegato-1.bin",), findings=(f.UNNAMED_FILE,))


@hostile
def file_named_for_ever() -> Hostile:
    return Hostile(parts(file(b'filename="' + b"a" * 3000 + b'.pdf"')), files=("a" * 251 + ".pdf",))


@hostile
def file_named_in_continuations() -> Hostile:
    return Hostile(
        parts(file(b"filename*0*=utf-8''perch%C3%A9; filename*1=\" e come\"; filename*2*=%20ora.pdf")),
        files=("perché e come ora.pdf",),
    )


@hostile
def file_named_in_encoded_words() -> Hostile:
    return Hostile(parts(file(b'filename="=?iso-8859-1?Q?perch=E9.pdf?="')), files=("perché.pdf",))


@hostile
def file_named_in_an_unknown_charset() -> Hostile:
    return Hostile(parts(file(b"filename*=x-boh''perch%C3%A9.pdf")), files=("perché.pdf",))


@hostile
def files_of_the_same_name() -> Hostile:
    return Hostile(
        parts(file(), file(b'filename="A.PDF"'), file()), files=("a.pdf", "A (2).PDF", "a (3).pdf")
    )


@hostile
def file_in_broken_base64() -> Hostile:
    return Hostile(
        parts(file(content=b"YW*Jj\r\nZ")), files=("a.pdf",), content=b"abc", findings=(f.WRONG_ENCODING,)
    )


@hostile
def file_in_base64_padded_twice() -> Hostile:
    return Hostile(parts(file(content=b"YQ==\r\nYmM=")), files=("a.pdf",), content=b"abc")


@hostile
def file_that_is_a_bomb_stays_closed() -> Hostile:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomba", bytes(50_000_000))
    return Hostile(
        parts(file(b"filename=a.zip", encodebytes(packed.getvalue()))),
        files=("a.zip",),
        content=packed.getvalue(),
    )


@hostile
def signed_file_in_a_mail_in_an_archive_stays_closed() -> Hostile:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("lettera.eml", parts(text(), file(b"filename=atto.pdf.p7m")))
    return Hostile(parts(file(b"filename=tutto.zip", encodebytes(packed.getvalue()))), files=("tutto.zip",))


@hostile
def winmail() -> Hostile:
    data = tnef((b"relazione.doc", b"abc"), (b"..\\foto.jpg", b"def"))
    raw = parts(text(), file(b"filename=winmail.dat", encodebytes(data), kind=b"application/ms-tnef"))
    return Hostile(
        raw,
        files=("relazione.doc", "foto.jpg"),
        content=b"abc",
        findings=(f.TNEF_OPENED, f.NAME_WITH_FOLDERS),
    )


@hostile
def winmail_damaged() -> Hostile:
    data = tnef((b"a.doc", b"abc"), damage=True)
    return Hostile(
        parts(file(b"filename=winmail.dat", encodebytes(data))),
        files=("winmail.dat",),
        content=data,
        findings=(f.TNEF_DAMAGED,),
    )


@hostile
def winmail_truncated() -> Hostile:
    data = tnef((b"a.doc", b"abc" * 100))[:-50]
    return Hostile(
        parts(file(b"filename=winmail.dat", encodebytes(data))),
        files=("winmail.dat",),
        findings=(f.TNEF_DAMAGED,),
    )


@hostile
def winmail_that_claims_gigabytes() -> Hostile:
    data = struct.pack("<IHBII", 0x223E9F78, 1, 2, 0x0006800F, 0xFFFFFFF0) + b"abc"
    return Hostile(
        parts(file(b"filename=winmail.dat", encodebytes(data))),
        files=("winmail.dat",),
        findings=(f.TNEF_DAMAGED,),
    )


@hostile
def uuencoded_in_the_text() -> Hostile:
    return Hostile(
        plain(b"Prima\r\n" + uu(b"abc" * 50) + b"Dopo"),
        files=("vecchio.doc",),
        content=b"abc" * 50,
        text="Prima\nDopo",
    )


@hostile
def uuencoded_and_damaged() -> Hostile:
    damaged = b"begin 644 a.bin\r\n#86)C\r\n\x80\x81\x82\r\n`\r\nend\r\n"
    return Hostile(plain(damaged), files=("a.bin",), content=b"abc", findings=(f.UUENCODE_DAMAGED,))


@hostile
def begin_as_a_word_of_the_text() -> Hostile:
    return Hostile(plain(b"begin 644 things\r\nand never finish"), text="begin 644 things\nand never finish")


@hostile
def uuencoded_as_an_encoding() -> Hostile:
    return Hostile(parts(file(content=uu(b"abc"), encoding=b"x-uuencode")), files=("a.pdf",), content=b"abc")


@hostile
def two_segnature() -> Hostile:
    one = b"Content-Type: application/xml; name=Segnatura.xml\r\n\r\n<a/>"
    return Hostile(parts(text(), one, one), files=("Segnatura.xml",), findings=(f.SECOND_PROTOCOL_FILE,))


@hostile
def segnatura_of_nine_megabytes() -> Hostile:
    raw = parts(b"Content-Type: application/xml; name=Segnatura.xml\r\n\r\n<a>" + b" " * 9_000_000 + b"</a>")
    return Hostile(raw, files=("Segnatura.xml",), findings=(f.LARGE_PROTOCOL_FILE,))


@hostile
def stand_in_that_somebody_sent() -> Hostile:
    return Hostile(b"X-Crinale-Left-On-Server: 1\r\n" + plain(b"ciao"), text="ciao")
