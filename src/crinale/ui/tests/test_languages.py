"""Every text that a person may read is in both catalogues, with the same placeholders."""

from __future__ import annotations

import ast
import re
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.utils import translation
from django.utils.translation.template import templatize

import crinale
from crinale.spine.records.signatures.seal_verdict import SENTENCES
from crinale.ui.sentences import said, sentence, without_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog

ROOT = Path(crinale.__file__).parent
WORDS: dict[str, Any] = dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext"))
CALL = re.compile(r"(?<!\w)(n?gettext|_)\(((?:[^()]|\([^()]*\))*)\)")
STRING = re.compile(r"u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
SPEAKING = (
    "kernel/codes.py",
    "spine/tenancy/rules.py",
    "spine/tenancy/actions/*.py",
    "spine/identity/rules.py",
    "spine/identity/passkeys.py",
    "spine/identity/actions/*.py",
    "spine/records/queries/*.py",
    "spine/records/actions/*.py",
    "spine/records/rules/*.py",
    "spine/records/signatures/*.py",
    "spine/protocol/actions/*.py",
    "spine/protocol/rules/*.py",
    "spine/exchange/actions/incidents.py",
    "spine/exchange/actions/processing.py",
    "spine/exchange/actions/posting.py",
    "spine/exchange/actions/mail_deciding.py",
    "spine/protocol/rules/legacy_writing.py",
    "connectors/aoo_soap/client.py",
)
ERRORS = {  # and which of their arguments is a sentence
    "Invalid": 1,
    "CmsProblem": 1,
    "CmsUnreadable": 0,
    "SignatureRefused": 1,
    "TransportFailure": 1,
    "_NotValid": 1,
    "_found": 1,
}
ONLY_VALUES = {"{value}: {value}", "HTTP {value}"}


def in_python() -> Iterator[tuple[str, ...]]:
    for file in ROOT.rglob("*.py"):
        if "tests" in file.parts:
            continue
        found: Any = extract_python(BytesIO(file.read_bytes()), WORDS, [], {})
        for _line, _name, text, _comments in found:
            texts = text if isinstance(text, tuple) else (text,)
            yield tuple(one for one in texts if isinstance(one, str) and one)


def in_templates() -> Iterator[tuple[str, ...]]:
    for file in ROOT.rglob("*.html"):
        for call in CALL.finditer(templatize(file.read_text(), origin=str(file))):
            found = [ast.literal_eval(one) for one in STRING.findall(call[2])]
            yield tuple(found[: 2 if call[1] == "ngettext" else 1])


def said_by_the_spine() -> Iterator[str]:
    """The remedies, findings and verdicts that a page may show, with the values in them as ``{name}``."""
    for file in sorted(file for place in SPEAKING for file in ROOT.glob(place)):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                place = ERRORS.get(ast.unparse(node.func).rpartition(".")[2], len(node.args))
                yield from _sentences(node.args[place]) if place < len(node.args) else ()
            elif (
                isinstance(node, ast.Return)
                and node.value
                and file.name in {"containers.py", "file_checks.py"}
            ):
                yield from _sentences(node.value)
    yield from SENTENCES.values()


def _sentences(node: ast.expr) -> Iterator[str]:
    parts = [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value:
            yield part.value
        elif isinstance(part, ast.JoinedStr):
            yield "".join(
                str(piece.value) if isinstance(piece, ast.Constant) else "{value}" for piece in part.values
            )


@pytest.fixture(scope="module", params=["it", "en"])
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    with (ROOT / "locale" / request.param / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file)


def test_every_text_is_translated(catalogue: Catalog) -> None:
    used = {texts for texts in (*in_python(), *in_templates()) if texts}
    missing = [texts for texts in used if texts[0] not in catalogue or not catalogue[texts[0]].string]
    assert sorted(missing) == []


def test_what_the_spine_says_is_said_in_italian() -> None:
    spoken = set(said_by_the_spine())
    assert len(spoken) > 100
    with translation.override("it"):
        unsaid = {one for one in spoken if said(one) == one and one not in ONLY_VALUES}
    assert sorted(unsaid) == []
    with translation.override("en"):
        assert all(said(one) == one for one in spoken)


def test_the_values_in_a_sentence_stay_as_they_are() -> None:
    with translation.override("it"):
        assert said("two files are called città (1).pdf: rename one") == (
            "due file si chiamano città (1).pdf: rinominane uno"
        )
        assert said("Firma1: the content was changed after it was signed") == (
            "Firma1: il contenuto è stato modificato dopo la firma"
        )
        assert said("La firma del file atto.p7m non è valida (nobody signed it).") == (
            "La firma del file atto.p7m non è valida (non lo ha firmato nessuno)."
        )
        assert sentence("shorten it to 100 characters") == "Accorcialo a 100 caratteri."
        assert said("Prot. 12: (a mano)") == "Prot. 12: (a mano)"
        assert said("") == sentence("") == ""
        assert said(without_field("recipients.0.name: give the full name")) == "indica il nome completo"
        cut = "the PDF is cut off: its end is missing"
        assert without_field(cut) == cut


def test_translations_keep_the_placeholders(catalogue: Catalog) -> None:
    for message in catalogue:
        if not message.id:
            continue
        source: Any = message.id[1] if isinstance(message.id, tuple) else message.id
        given: Any = message.string[1] if isinstance(message.id, tuple) else message.string  # type: ignore[index]
        assert set(PLACEHOLDER.findall(given)) == set(PLACEHOLDER.findall(source)), source
