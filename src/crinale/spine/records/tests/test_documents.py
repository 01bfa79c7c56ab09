from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.identity import Actor
from crinale.spine.records import actions, queries
from crinale.spine.records.blobs import TooLarge
from crinale.spine.records.rules.names import clean_file_name
from crinale.spine.records.signatures.tests.made_files import p7m, pdf
from crinale.spine.tenancy import actions as tenancy
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SYSTEM = Actor.system("tests")
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def _store(content: bytes, *, name: str = "atto.pdf", **options: object) -> queries.DocumentRef:
    return actions.store_document(
        actor=SYSTEM,
        file_name=name,
        stream=io.BytesIO(content),
        **options,  # type: ignore[arg-type]
    )


def test_a_stored_document_can_be_read_again(body_id: UUID) -> None:
    stored = _store(PDF, declared_type="text/plain")
    assert (stored.sha256, stored.size) == (hashlib.sha256(PDF).hexdigest(), len(PDF))
    assert stored.media_type == "application/pdf"
    assert queries.document(actor=SYSTEM, document_id=stored.id) == stored
    with queries.open_document(actor=SYSTEM, document_id=stored.id) as stream:
        assert stream.read() == PDF


def test_its_metadata_are_those_of_allegato_5(body_id: UUID) -> None:
    metadata = _store(PDF).metadata
    assert metadata["IdDoc"]["ImprontaCrittografica"] == {
        "Impronta": hashlib.sha256(PDF).hexdigest(),
        "Algoritmo": "SHA-256",
    }
    assert metadata["IdentificativoDelFormato"] == {"Formato": "application/pdf"}
    assert metadata["NomeDelDocumento"] == "atto.pdf"


def test_marks_and_faults_of_a_file_are_found_when_it_is_stored(body_id: UUID, tmp_path: Path) -> None:
    signed = _store(p7m(tmp_path, pdf()), name="delibera.pdf.p7m").metadata
    assert signed["Verifica"] == {"FirmatoDigitalmente": True, "MarcaturaTemporale": False}
    assert "Rilievi" not in signed
    whole = _store(pdf()).metadata
    assert whole["Verifica"]["FirmatoDigitalmente"] is False
    assert "Rilievi" not in whole
    assert _store(pdf()[:200]).metadata["Rilievi"]


@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        (lambda: _store(b""), Invalid),
        (lambda: _store(PDF, name=" / "), Invalid),
        (lambda: _store(PDF, limit=len(PDF) - 1), TooLarge),
    ],
)
def test_empty_nameless_and_too_large_files_are_refused(
    body_id: UUID, attempt: Callable[[], object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        attempt()


def test_documents_of_another_body_are_not_there(body_id: UUID) -> None:
    stored = _store(PDF)
    other = tenancy.create_body(ipa_code="c_i454", name="Comune di Sassetta")
    with scope(other.id):
        for identifier in (stored.id, uuid4()):
            with pytest.raises(NotVisible):
                queries.open_document(actor=SYSTEM, document_id=identifier)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Atti\\delibera n. 5.pdf", "delibera n. 5.pdf"),
        ("../../etc/passwd", "passwd"),
        ("fattura\u202efdp.exe", "fatturafdp.exe"),
        ("relazione\x00.odt", "relazione.odt"),
        ("e\u0300.txt", "è.txt"),
        ("a" * 300 + ".pdf", "a" * 251 + ".pdf"),
    ],
)
def test_file_names_are_made_safe(given: str, kept: str) -> None:
    assert clean_file_name(given) == kept
