"""Files are shown by words and pictures made here; what cannot be shown says so calmly, and nothing runs."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from crinale.services.protocol_office.queries import previews
from crinale.services.protocol_office.queries.previews import Source, drawing
from crinale.services.protocol_office.tests.letters import INVOICE, PICTURE, arrives, pdf
from crinale.spine.audit.models import Access
from crinale.spine.exchange.tests.post import certified
from crinale.spine.exchange.tests.post import file as mailed
from crinale.spine.records.signatures.tests import pki
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from crinale.services.protocol_office.queries.previews import Preview
    from crinale.services.protocol_office.tests.desks import Desks

LETTER = b"""From: =?utf-8?q?Giulia_Fabbr=C3=AC?= <giulia@example.it>
To: protocollo@example.it
Subject: Una buca
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/html; charset=utf-8

<p>C'&egrave; una <b>buca</b></p><script>document.title = "mai"</script>
--x
Content-Type: application/pdf; name=a.pdf
Content-Disposition: attachment; filename=a.pdf

%PDF
--x--
"""


def show(content: bytes, name: str = "file") -> Preview:
    return previews.preview(Source(name=name, size=len(content), open=lambda: io.BytesIO(content)))


def all_words(shown: Preview) -> str:
    parts: list[Any] = [shown.text]
    for section in shown.sections:
        parts += [section.title, *section.facts, *section.columns, *section.rows]
    return repr(parts)


def test_a_pdf_is_shown_as_pictures_of_its_pages() -> None:
    document = pdf(13)
    assert show(document).pages == 13
    source = Source(name="a.pdf", size=len(document), open=lambda: io.BytesIO(document))
    first, last = previews.picture(source, 1), previews.picture(source, 13)
    assert first is not None
    assert last is not None
    assert first.startswith(b"\x89PNG")
    assert previews.picture(source, 14) is None
    assert previews.picture(source, 0) is None


def test_an_image_is_made_anew() -> None:
    hidden = PICTURE + b"<script>alert(1)</script>"
    source = Source(name="foto.png", size=len(hidden), open=lambda: io.BytesIO(hidden))
    assert show(hidden).kind == "pictures"
    made = previews.picture(source, 1)
    assert made is not None
    assert b"script" not in made


def signed(content: bytes) -> bytes:
    signer = pki.rsa_seal()
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    key = signer.key
    assert isinstance(key, rsa.RSAPrivateKey)
    made = builder.add_signer(signer.certificate, key, hashes.SHA256())
    return made.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def test_an_invoice_is_a_table() -> None:
    for content, name, is_signed in (
        (INVOICE, "IT01234567897_1.xml", False),
        (signed(INVOICE), "IT01234567897_1.xml.p7m", True),
        (signed(signed(INVOICE)), "IT01234567897_1.xml.p7m.p7m", True),
    ):
        shown = show(content, name)
        told = all_words(shown)
        assert (shown.kind, shown.signed) == ("words", is_signed)
        for word in (
            "Officina Poggi & figli snc",
            "IT01234567897",
            "77/PA",
            "03/08/2026",
            "scuolabus",
            "220",
        ):
            assert word in told


def test_a_mail_is_text_without_what_would_run() -> None:
    shown = show(LETTER, "allegata.eml")
    assert "C'è una buca" in shown.text
    assert "mai" not in shown.text
    assert "Giulia Fabbrì" in all_words(shown)
    assert "a.pdf" in all_words(shown)


def test_a_segnatura_is_a_table(desks: Desks) -> None:
    from crinale.spine.exchange import queries as exchange
    from crinale.spine.protocol.tests.town import SYSTEM

    desks.pair.by_clerk()
    view = desks.pair.send()
    desks.pair.run()
    (row,) = desks.pair.received()
    with scope(desks.sassetta.body_id):
        xml = exchange.received_segnatura(actor=SYSTEM, message_id=row.id)
    told = all_words(show(xml, "Segnatura.xml"))
    assert view.number_text in told
    assert view.subject in told
    assert view.documents[0].sha256 in told


def test_an_archive_tells_its_names() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("dentro/planimetria.dwg", b"x" * 2000)
    assert "dentro/planimetria.dwg" in all_words(show(made.getvalue(), "tutto.zip"))


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>'


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "vuoto.pdf"),
        (b"%PDF-1.7\n%%EOF", "rotto.pdf"),
        (b"%PDF-1.7\n" + b"\0" * 4000, "rotto.pdf"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "rotta.png"),
        (b"\xff\xd8\xff" + b"x" * 100, "rotta.jpg"),
        (b"PK\x03\x04" + b"\0" * 50, "rotto.zip"),
        (b"0\x82\x10\x00\x06\x09*\x86H\x86\xf7\r\x01\x07\x02" + b"\xff" * 40, "rotto.p7m"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "macro.doc"),
        (b"MZ" + bytes(range(32)) * 20, "fattura.pdf.exe"),
        (b"II*\x00" + b"\0" * 50, "fax.tif"),
    ],
)
def test_what_cannot_be_shown_says_why(content: bytes, name: str) -> None:
    shown = show(content, name)
    assert (shown.kind, bool(shown.why)) == ("none", True)


@pytest.mark.parametrize("content", [BOMB, b"<svg onload='x()'/>", b"<html><script>x()</script>ciao</html>"])
def test_what_would_run_elsewhere_is_words_or_nothing_here(content: bytes) -> None:
    assert show(content).kind in {"words", "none"}


def test_a_file_larger_than_the_limit_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews.recognising, "MOST_BYTES", 10)

    def never() -> Any:
        raise AssertionError

    assert previews.preview(Source(name="a", size=11, open=never)).kind == "none"
    assert previews.picture(Source(name="a", size=11, open=never), 1) is None


def test_a_file_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_SECONDS", 0.001)
    assert drawing.draw(pdf(), "pdf", 1) is None
    assert drawing.count(pdf(), "pdf") == 0


class TestPages:
    def test_a_preview_is_read_by_who_may_and_noted(self, desks: Desks) -> None:
        mail = arrives(
            desks.massa,
            certified(files=(mailed("parere.pdf", pdf(7)), mailed("x.exe", b"MZ" + bytes(range(32)) * 9))),
        )
        browser = desks.at(desks.massa)
        at = f"/protocollo/posta/{mail}/file/0/anteprima"

        def readings() -> int:
            with scope(desks.massa.body_id):
                return Access.objects.filter(what="mailed_file", object_id=mail).count()

        assert readings() == 0
        page = browser.get(at)
        assert page.status_code == 200
        assert f"{at}/5.png" in page.content.decode()
        assert f"{at}/6.png" not in page.content.decode()
        assert f"{at}/7.png" in browser.get(f"{at}?da=6").content.decode()
        picture = browser.get(f"{at}/1.png")
        assert picture["Content-Type"] == "image/png"
        assert picture["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert picture["X-Content-Type-Options"] == "nosniff"
        assert readings() == 3
        assert browser.get(f"{at}/8.png").status_code == 404
        assert browser.get(f"{at}?da=abc").status_code == 200
        calm = browser.get(f"/protocollo/posta/{mail}/file/1/anteprima")
        assert "Nessuna anteprima" in calm.content.decode()
        fragment = browser.get(at, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in fragment
        assert f"{at}/1.png" in fragment

    def test_documents_of_a_registration_and_of_an_arrival_are_shown_too(self, desks: Desks) -> None:
        desks.pair.by_clerk()
        view = desks.pair.send()
        desks.pair.run()
        (row,) = desks.pair.received()
        for town, address in (
            (desks.massa, f"/protocollo/registrazioni/{view.id}"),
            (desks.sassetta, f"/protocollo/arrivi/{row.id}"),
        ):
            browser = desks.at(town)
            page = browser.get(address).content.decode()
            (preview,) = {part for part in page.split('"') if part.endswith("/anteprima")}
            assert 'class="letter"' in browser.get(preview).content.decode()
