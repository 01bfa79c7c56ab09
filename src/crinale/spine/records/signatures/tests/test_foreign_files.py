"""Files of other administrations: no parser ends the examination, and a sound file is not refused."""

from __future__ import annotations

import gzip
import io
import random
import time
import zipfile
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pyhanko.pdf_utils.crypt import StandardSecurityHandler
from pyhanko.pdf_utils.crypt.standard import StandardSecuritySettingsRevision as Revision
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter, copy_into_new_writer

from crinale.spine.records.signatures import file_checks
from crinale.spine.records.signatures.certificates import TrustStore, load_der
from crinale.spine.records.signatures.file_checks import FileFlags, FileReport, examine_file
from crinale.spine.records.signatures.tests import made_files, pki
from crinale.spine.records.signatures.tests.made_files import needs_openssl
from crinale.spine.records.signatures.tests.test_file_checks import WHOLE, sign
from crinale.spine.records.signatures.xades import seal

if TYPE_CHECKING:
    from pathlib import Path

SIGNED = FileFlags(signed=True)


def examine(data: bytes, name: str = "a.pdf", flags: FileFlags = SIGNED) -> FileReport:
    return examine_file(io.BytesIO(data), file_name=name, flags=flags)


def codes(report: FileReport) -> list[str]:
    return [finding.code.value for finding in report.findings]


def compressed(method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        made.writestr("a.txt", bytes(range(256)) * 40)
    return buffer.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_an_archive_is_unreadable_when_an_entry_is_damaged(method: int) -> None:
    data = compressed(method)
    assert codes(examine(data, "a.zip", FileFlags())) == []
    assert codes(examine(data[:50] + b"\x5a" * 30 + data[80:], "a.zip", FileFlags())) == ["unreadable"]


def with_xref_stream(name: bytes, content: bytes) -> bytes:
    """A PDF that mentions a signature and keeps its cross-reference table in a stream."""
    out = b"%PDF-1.7\n% /ByteRange\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    out += b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    start = len(out)
    out += b"3 0 obj<</Type/XRef/Size 4/W[1 2 1]/Root 1 0 R/Filter/%s/Length %d>>stream\n" % (
        name,
        len(content),
    )
    return out + content + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % start


def test_a_damaged_pdf_is_found_and_an_unknown_filter_left_alone() -> None:
    assert codes(examine(with_xref_stream(b"FlateDecode", b"no stream"))) == ["signature"]
    report = examine(with_xref_stream(b"LZWDecode", b"no stream"))
    assert (codes(report), len(report.not_judged)) == ([], 1)
    mentioned = made_files.pdf("/ByteRange")
    assert codes(examine(mentioned.replace(b"/Root 1 0 R", b"/Root 4242 "))) == ["signature"]


@needs_openssl
def test_a_signature_with_a_key_of_an_unknown_kind_is_not_judged(tmp_path: Path) -> None:
    data = made_files.p7m(tmp_path, b"contenuto")
    rsa_kind = bytes.fromhex("06092a864886f70d010101")
    key = pki.rsa_seal().key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert rsa_kind in key
    unknown = data.replace(key, key.replace(rsa_kind, rsa_kind[:-1] + b"\x63"))
    assert unknown != data
    report = examine(unknown, "a.p7m")
    assert (codes(report), report.signatures) == ([], 1)
    assert "the kind of key is not supported" in report.not_judged
    assert codes(examine(unknown.replace(b"contenuto", b"Contenuto"), "a.p7m")) == ["signature"]


def test_certificates_that_cannot_be_read_are_not_trusted() -> None:
    """A peer sends them along with its seal: the verdict is no, never an exception."""
    middle = pki.issue("Intermedia", pki.ec_key(), issuer=pki.root(), authority=True, path_length=0)
    leaf = pki.issue("Sigillo", pki.ec_key(), issuer=middle)
    ders = [one.certificate.public_bytes(Encoding.DER) for one in (leaf, middle)]
    chance = random.Random(2)  # noqa: S311  the same mutations at each run
    judged = 0
    for turn in range(600):
        changed = list(ders)
        changed[turn % 2] = mutated(changed[turn % 2], chance)
        try:
            first, second = (load_der(der) for der in changed)
        except ValueError:
            continue
        trust = TrustStore([pki.root().certificate])
        assert not trust.check(first, at=pki.NOW, extra=[second]).valid or changed == ders
        judged += 1
    assert judged > 100


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Change some bytes, or take some out, or cut the end off."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        out[chance.randrange(len(out))] = chance.randrange(256)
    kind = chance.randrange(6)
    if kind == 0:
        start = chance.randrange(len(out))
        del out[start : start + chance.randrange(1, 40)]
    elif kind == 1:
        del out[chance.randrange(len(out)) :]
    return bytes(out)


def test_no_mutation_of_a_file_ends_the_examination(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unforeseen: list[str] = []
    monkeypatch.setattr(file_checks._log, "warning", lambda *_, exc_info: unforeseen.append(repr(exc_info)))
    samples = dict(WHOLE)
    samples |= {"lzma.zip": compressed(zipfile.ZIP_LZMA), "bzip2.zip": compressed(zipfile.ZIP_BZIP2)}
    samples["signed.pdf"] = sign(io.BytesIO(made_files.pdf("firmato")))
    samples["encrypted.pdf"] = sign(io.BytesIO(encrypted("rc4")), password="padrone")
    samples["xref.pdf"] = with_xref_stream(b"FlateDecode", b"x\x9cc\0\0\0\1\0\1")
    samples["sealed.xml"] = seal(b"<a><b>testo</b></a>", key=pki.ec_seal(), signing_time=pki.NOW)
    if made_files.HAS_OPENSSL:
        samples["a.p7m"] = made_files.p7m(tmp_path, b"contenuto")
        samples["a.tsr"] = made_files.time_stamp(tmp_path, b"contenuto")
    chance = random.Random(1)  # noqa: S311  the same mutations at each run
    begin, turns = time.process_time(), 0
    while turns < 60 and time.process_time() - begin < 2:
        for name, data in samples.items():
            flags = FileFlags(signed=bool(turns % 2), sealed=bool(turns % 3))
            examine_file(
                io.BytesIO(mutated(data, chance)),
                file_name=name,
                flags=flags,
                content=io.BytesIO(b"contenuto"),
            )
        turns += 1
    assert turns > 3
    assert unforeseen == []


def test_what_nobody_foresaw_leaves_a_file_unjudged(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(error: BaseException) -> None:
        def check(*_: object, **__: object) -> None:
            raise error

        for name in ("structure_problem", "check_xml_signatures"):
            monkeypatch.setattr(file_checks, name, check)

    fail(ZeroDivisionError("nobody foresaw it"))
    report = examine(b"<a/>", "a.xml")
    assert codes(report) == []
    assert report.not_judged == ("the examination was left unfinished: nobody foresaw it",) * 2
    for error in (MemoryError(), KeyboardInterrupt(), OSError(5, "the disk is damaged")):
        fail(error)
        with pytest.raises(type(error)):
            examine(b"<a/>", "a.xml")


def encrypted(method: str, user: str = "") -> bytes:
    """A PDF that its owner restricts by a password; anybody may read it unless the user has one too."""
    writer: PdfFileWriter = copy_into_new_writer(PdfFileReader(io.BytesIO(made_files.pdf("firmato"))))
    identity = writer._document_id[0].original_bytes  # the only way to old encryption
    if method == "aes256":
        handler = StandardSecurityHandler.build_from_pw("padrone", user)
    else:
        rc4 = method == "rc4"
        handler = StandardSecurityHandler.build_from_pw_legacy(
            Revision.RC4_EXTENDED if rc4 else Revision.RC4_OR_AES128,
            identity,
            "padrone",
            user,
            use_aes128=not rc4,
        )
    writer._assign_security_handler(handler)
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


@pytest.mark.parametrize("method", ["rc4", "aes128", "aes256"])
def test_a_signed_pdf_that_anybody_may_read_is_judged(method: str) -> None:
    data = sign(io.BytesIO(encrypted(method)), password="padrone")
    report = examine(data)
    assert (report.findings, report.signatures) == ((), 1)
    content = data.index(b"stream") + 20
    changed = data[:content] + bytes([data[content] ^ 1]) + data[content + 1 :]
    assert codes(examine(changed)) == ["signature"]


@pytest.mark.parametrize("method", ["rc4", "aes128", "aes256"])
def test_a_pdf_that_asks_for_a_password_is_not_judged(method: str) -> None:
    report = examine(sign(io.BytesIO(encrypted(method, "lettore")), password="padrone"))
    assert codes(report) == []
    assert report.not_judged == ("the PDF is encrypted, and only its recipient can open it",)


def test_a_long_text_in_xml_is_sound() -> None:
    text = b"QUJD" * 3_000_000
    for sound in (b"<a>" + text + b"</a>", b"<a><![CDATA[" + text + b"]]></a>", b'<a b="' + text + b'"/>'):
        report = examine(sound, "a.xml")
        assert codes(report) == []
        assert report.not_judged
    assert codes(examine(b"<a>" + text + b"</b>", "a.xml")) == ["unreadable"]
    assert codes(examine(b"<a>" + text, "a.xml")) == ["unreadable"]


@pytest.mark.parametrize(
    "xml",
    [
        b"<a>" * 300 + b"</a>" * 300,
        b'<a y:z="1"/>',
        b"<a>&nessuno;</a>",
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "'
        + b"ha" * 5000
        + b'"><!ENTITY b "'
        + b"&a;" * 5000
        + b'">]><l c="&b;"/>',
    ],
)
def test_xml_that_no_program_would_open_is_unreadable(xml: bytes) -> None:
    assert codes(examine(xml, "a.xml")) == ["unreadable"]


def test_what_was_not_looked_at_is_not_said_to_be_missing() -> None:
    assert codes(examine(b"<a>" + b"<b>testo</b>" * 800_000 + b"</a>", "a.xml")) == []
    assert codes(examine(made_files.asic(), "a.asice")) == []
    assert codes(examine(made_files.docx(), "a.docx")) == ["signature"]
    assert codes(examine(gzip.compress(b"testo"), "a.gz")) == ["signature"]
