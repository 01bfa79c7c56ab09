"""Received files: what cannot be read or was touched is found; what is whole is left alone."""

from __future__ import annotations

import io
import time
from base64 import encodebytes
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from asn1crypto import cms, keys, tsp  # type: ignore[import-untyped]
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko_certvalidator.registry import SimpleCertificateStore

from crinale.spine.records.signatures.file_checks import FileFlags, FindingCode, check_file, examine_file
from crinale.spine.records.signatures.tests import made_files, pki
from crinale.spine.records.signatures.tests.made_files import needs_openssl
from crinale.spine.records.signatures.xades import seal

if TYPE_CHECKING:
    from pathlib import Path


def codes(data: bytes, name: str = "file", declared: str = "", **options: object) -> list[str]:
    found = check_file(io.BytesIO(data), file_name=name, declared_mime=declared, **options)  # type: ignore[arg-type]
    return [finding.code.value for finding in found]


WHOLE = {
    "a.pdf": made_files.pdf(),
    "a.docx": made_files.docx(),
    "a.odt": made_files.odt(),
    "a.asice": made_files.asic(),
    "a.zip": made_files.archive({"a.txt": b"a" * 10_000}),
    "a.png": made_files.png(),
    "a.jpg": made_files.JPEG,
    "a.xml": b"<?xml version='1.0'?><a>\xc3\xa8</a>",
    "a.txt": b"testo",
    "a.eml": made_files.MAIL,
    "a.bin": bytes(range(256)),
    "a.rtf": b"{\\rtf1 ciao}\r\n",
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole_files_have_no_findings(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(WHOLE[name])
    assert check_file(tmp_path / name, file_name=name) == []


@pytest.mark.parametrize(
    "name", ["a.pdf", "a.docx", "a.odt", "a.asice", "a.zip", "a.png", "a.jpg", "a.xml", "a.rtf"]
)
def test_files_cut_off_are_unreadable(name: str) -> None:
    data = WHOLE[name]
    assert codes(data[: len(data) * 2 // 3], name) == ["unreadable"]
    assert codes(b"", name) == ["unreadable"]


def test_a_damaged_archive_is_unreadable() -> None:
    data = bytearray(WHOLE["a.docx"])
    middle = data.index(b"word/document.xml") + len("word/document.xml") + 5
    data[middle] ^= 0xFF
    assert codes(bytes(data)) == ["unreadable"]
    assert codes(made_files.archive({"[Content_Types].xml": b"x"})) == []
    assert codes(
        made_files.archive({"mimetype": b"application/vnd.oasis.opendocument.text"}, stored=("mimetype",))
    ) == ["unreadable"]


@pytest.mark.parametrize(
    ("declared", "name", "ok"),
    [
        ("application/pdf", "a.pdf", True),
        ("application/octet-stream", "a.pdf", True),
        ("", "a.pdf", True),
        ("application/pdf", "a.docx", False),
        ("image/png", "a.jpg", False),
        ("image/jpg", "a.jpg", True),
        ("application/zip", "a.docx", True),
        ("application/zip", "a.odt", True),
        ("application/pdf", "a.txt", False),
        ("application/pkcs7-mime", "a.pdf", False),
        ("text/plain", "a.xml", True),
    ],
)
def test_a_declared_type_that_the_content_denies(declared: str, name: str, *, ok: bool) -> None:
    assert codes(WHOLE[name], name, declared) == ([] if ok else ["unreadable"])


def test_hostile_files_cost_little(tmp_path: Path) -> None:
    laughs = b'<!DOCTYPE l [<!ENTITY a "' + b"ha" * 500 + b'">'
    laughs += b"".join(
        b'<!ENTITY a%d "%s">' % (n, (b"&a%d;" % (n - 1) if n > 1 else b"&a;") * 10) for n in range(1, 12)
    )
    laughs += b"]><l>&a11;</l>"
    bomb = tmp_path / "bomb.zip"
    bomb.write_bytes(made_files.archive({f"{n}": b"\0" * 30_000_000 for n in range(8)}))
    begin = time.process_time()
    check_file(io.BytesIO(laughs), file_name="a.xml")
    assert codes(b"<a>" * 10_000 + b"</a>" * 10_000) == ["unreadable"]
    check_file(bomb, file_name="bomb.zip")
    check_file(
        io.BytesIO(b"\x30\x84\xff\xff\xff\xff" + bytes.fromhex("06092a864886f70d010702") * 50),
        file_name="a.p7m",
    )
    check_file(io.BytesIO(b"%PDF-1.7 /ByteRange startxref\n0\n%%EOF"), file_name="a.pdf")
    assert time.process_time() - begin < 5


@needs_openssl
@pytest.mark.parametrize(
    "options", [(), ("-stream", "-indef"), ("-outform", "PEM"), ("-nosmimecap",), ("-keyid",)]
)
def test_a_signed_file_is_whole_until_one_byte_changes(tmp_path: Path, options: tuple[str, ...]) -> None:
    content = made_files.pdf("contenuto firmato")
    data = made_files.p7m(tmp_path, content, *options)
    report = examine_file(io.BytesIO(data), file_name="a.pdf.p7m", declared_mime="application/pdf")
    assert (report.findings, report.signatures) == ((), 1)
    assert "trust in the signers" in report.not_judged
    if b"firmato" in data:
        assert codes(data.replace(b"contenuto firmato", b"contenuto fIrmato"), "a.pdf.p7m") == ["signature"]


@needs_openssl
def test_no_byte_of_a_signature_can_be_changed_unnoticed(tmp_path: Path) -> None:
    data = made_files.p7m(tmp_path, b"contenuto")
    certificate = pki.rsa_seal().certificate.public_bytes(Encoding.DER)
    start = data.index(certificate)
    spki = certificate.index(b"\x02\x03\x01\x00\x01") - 260
    unnoticed = []
    for position in range(0, len(data), 7):
        in_certificate = start <= position < start + len(certificate)
        if in_certificate and not start + spki < position < start + spki + 250:
            continue  # the certificate guards itself by its issuer's signature, which is a question of trust
        changed = data[:position] + bytes([data[position] ^ 0x41]) + data[position + 1 :]
        if not codes(changed, "a.p7m", "application/pkcs7-mime"):
            unnoticed.append(position)
    # What is neither signed nor needed: version numbers, the list of digest algorithms, parameters.
    assert len(unnoticed) < 20, unnoticed


@needs_openssl
def test_a_cut_or_nested_signature(tmp_path: Path) -> None:
    data = made_files.p7m(tmp_path, b"contenuto " * 100)
    for length in (len(data) // 4, len(data) // 2, len(data) - 1):
        assert codes(data[:length], "a.p7m") == ["signature"]
    twice = made_files.p7m(tmp_path, data)
    assert examine_file(io.BytesIO(twice), file_name="a.p7m.p7m").signatures == 2
    broken_inside = made_files.p7m(tmp_path, data.replace(b"contenuto", b"Contenuto", 1))
    assert codes(broken_inside, "a.p7m.p7m") == ["signature"]
    assert codes(encodebytes(data), "a.p7m") == []


@needs_openssl
def test_a_detached_signature_needs_its_file(tmp_path: Path) -> None:
    data = made_files.p7m(tmp_path, b"contenuto", "-detached")
    path = tmp_path / "contenuto.txt"
    path.write_bytes(b"contenuto")
    assert codes(data, "a.p7s", content=path) == []
    assert codes(data, "a.p7s", content=io.BytesIO(b"altro")) == ["signature"]
    assert codes(data, "a.p7s") == ["signature"]
    assert codes(data, "a.p7s", content=io.BytesIO(b"altro"), flags=FileFlags(sealed=True)) == ["seal"]


@needs_openssl
@pytest.mark.parametrize("reply", [True, False])
def test_time_stamps_are_those_of_their_file(tmp_path: Path, *, reply: bool) -> None:
    stamp = made_files.time_stamp(tmp_path, b"contenuto", reply=reply)
    assert codes(stamp, "a.tsr", content=io.BytesIO(b"contenuto")) == []
    assert codes(stamp, "a.tsr", content=io.BytesIO(b"Contenuto")) == ["timestamp"]
    assert codes(stamp, "a.tsr") == ["timestamp"]
    assert codes(stamp[:-40], "a.tsr", content=io.BytesIO(b"contenuto")) == ["timestamp"]
    changed = stamp[:-30] + bytes([stamp[-30] ^ 1]) + stamp[-29:]
    assert codes(changed, "a.tsr", content=io.BytesIO(b"contenuto")) == ["timestamp"]


@needs_openssl
def test_time_stamped_data_carries_its_file(tmp_path: Path) -> None:
    token = cms.EncapsulatedContentInfo.load(made_files.time_stamp(tmp_path, b"contenuto", reply=False))
    for content, expected in ((b"contenuto", []), (b"Contenuto", ["timestamp"])):
        stamped = tsp.TimeStampedData(
            {
                "version": "v1",
                "content": content,
                "temporal_evidence": tsp.Evidence("tst_evidence", [{"time_stamp": token}]),
            }
        )
        data = cms.ContentInfo({"content_type": "timestamped_data", "content": stamped}).dump()
        assert codes(data, "a.tsd") == expected


def sign(pdf: io.BytesIO, *, password: str = "") -> bytes:
    """Sign a PDF as pyHanko does; ``password`` opens one that is encrypted."""
    identity = pki.ec_seal()
    private = identity.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    certificate = asn1_x509.Certificate.load(identity.certificate.public_bytes(Encoding.DER))
    signer = SimpleSigner(
        signing_cert=certificate,
        signing_key=keys.PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore.from_certs([certificate]),  # type: ignore[no-untyped-call]
    )
    writer = IncrementalPdfFileWriter(pdf)
    if password:
        writer.encrypt(password)  # type: ignore[no-untyped-call]
    out = io.BytesIO()
    # In a thread of its own: it runs an event loop, and a browser's test may have left one in this thread.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(
            sign_pdf, writer, PdfSignatureMetadata(field_name="Firma1"), signer, output=out
        ).result()
    return out.getvalue()


def with_wrong_value(pdf: bytes) -> bytes:
    """Change one digit in the value of the signature, which ends what /Contents holds before its filling."""
    start = pdf.index(b"/Contents <")
    last = start + len(pdf[start : pdf.index(b">", start)].rstrip(b"0")) - 1
    return pdf[: last - 8] + (b"1" if pdf[last - 8] == ord("0") else b"0") + pdf[last - 7 :]


def test_signatures_inside_a_pdf() -> None:
    data = sign(io.BytesIO(made_files.pdf("firmato")))
    report = examine_file(io.BytesIO(data), file_name="a.pdf", flags=FileFlags(signed=True))
    assert (report.findings, report.signatures) == ((), 1)
    assert codes(data.replace(b"(firmato)", b"(falso !)"), "a.pdf") == ["signature"]
    assert codes(data.replace(b"(firmato)", b"(falso !)"), "a.pdf", flags=FileFlags(sealed=True)) == ["seal"]
    assert codes(with_wrong_value(data), "a.pdf") == ["signature"]


def test_files_said_to_be_signed_must_be() -> None:
    assert codes(made_files.pdf(), "a.pdf", flags=FileFlags(signed=True)) == ["signature"]
    assert codes(made_files.pdf(), "a.pdf", flags=FileFlags(sealed=True)) == ["seal"]


def test_seals_inside_xml() -> None:
    xml = seal(b"<a><b>testo</b></a>", key=pki.ec_seal(), signing_time=pki.NOW)
    report = examine_file(io.BytesIO(xml), file_name="a.xml", flags=FileFlags(sealed=True))
    assert (report.findings, report.signatures) == ((), 1)
    found = check_file(
        io.BytesIO(xml.replace(b"testo", b"Testo")), file_name="a.xml", flags=FileFlags(sealed=True)
    )
    assert [finding.code for finding in found] == [FindingCode.SEAL]
    foreign = xml.replace(b"xmldsig#enveloped-signature", b"xpath-filter2")
    report = examine_file(io.BytesIO(foreign), file_name="a.xml")
    assert report.findings == ()
    assert "more than one canonicalization" in report.not_judged
