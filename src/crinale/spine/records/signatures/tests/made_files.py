"""Small files of many kinds, made here, signed by the openssl program where a foreign signature is wanted."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from crinale.spine.records.signatures.tests import pki

if TYPE_CHECKING:
    from pathlib import Path

HAS_OPENSSL = shutil.which("openssl") is not None
needs_openssl = pytest.mark.skipif(not HAS_OPENSSL, reason="the openssl program is not installed")


def pdf(text: str = "Delibera") -> bytes:
    """Make a one-page PDF with a right cross-reference table."""
    stream = f"BT /F1 18 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def archive(entries: dict[str, bytes], *, stored: tuple[str, ...] = ()) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def docx() -> bytes:
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>" * 50})


def odt() -> bytes:
    kind = b"application/vnd.oasis.opendocument.text"
    return archive({"mimetype": kind, "content.xml": b"<content/>"}, stored=("mimetype",))


def asic() -> bytes:
    kind = b"application/vnd.etsi.asic-e+zip"
    return archive(
        {"mimetype": kind, "META-INF/signatures.xml": b"<s/>", "a.txt": b"a"}, stored=("mimetype",)
    )


def png() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    header = (1).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 200 + b"\xff\xd9"
MAIL = b"Received: from a by b\r\nMessage-ID: <1@x.example.it>\r\nSubject: s\r\n\r\nciao\r\n"


def openssl(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    """Run openssl in a folder that holds key.pem and cert.pem; give its output."""
    if not (folder / "key.pem").exists():
        identity = pki.rsa_seal()
        private = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "key.pem").write_bytes(private)
        (folder / "cert.pem").write_bytes(identity.certificate.public_bytes(Encoding.PEM))
    command = ["openssl", *arguments]
    done = subprocess.run(command, input=given, capture_output=True, check=True, cwd=folder, timeout=30)
    return done.stdout


def p7m(folder: Path, content: bytes, *options: str) -> bytes:
    """Sign with CAdES; the content is inside unless an option says otherwise."""
    attached = () if "-detached" in options else ("-nodetach",)
    kept = tuple(option for option in options if option != "-detached")
    signer = ("-signer", "cert.pem", "-inkey", "key.pem", "-md", "sha256", "-binary", "-cades")
    form = () if "-outform" in kept else ("-outform", "DER")
    return openssl(folder, "cms", "-sign", *signer, *attached, *form, *kept, given=content)


def time_stamp(folder: Path, content: bytes, *, reply: bool = True) -> bytes:
    """Stamp a content with a small authority of openssl's; give the reply (.tsr) or its token (.tst)."""
    (folder / "serial").write_text("01\n")
    key = pki.rsa_key()
    stamper = pki.stamper()
    (folder / "tsa.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "tsa.pem").write_bytes(stamper.certificate.public_bytes(Encoding.PEM))
    (folder / "tsa.cnf").write_text(
        "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=tsa.key\nsigner_digest=sha256\n"
        "default_policy=1.2.3.4\ndigests=sha256\naccuracy=secs:1\nordering=no\ntsa_name=no\ness_cert_id_chain=no\n"
    )
    (folder / "content").write_bytes(content)
    openssl(folder, "ts", "-query", "-data", "content", "-sha256", "-cert", "-out", "query.tsq")
    token = () if reply else ("-token_out",)
    openssl(folder, "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-out", "reply", *token)
    return (folder / "reply").read_bytes()
