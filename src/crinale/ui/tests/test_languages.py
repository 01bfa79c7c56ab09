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
from django.utils.translation.template import templatize

import crinale

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog

ROOT = Path(crinale.__file__).parent
WORDS: dict[str, Any] = dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext"))
CALL = re.compile(r"(?<!\w)(n?gettext|_)\(((?:[^()]|\([^()]*\))*)\)")
STRING = re.compile(r"u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
REMEDIES = ("kernel/codes.py", "spine/protocol/rules/parties.py", "spine/protocol/rules/subject.py")


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


def remedies() -> Iterator[tuple[str, ...]]:
    """The remedies of the errors that a form may show."""
    for name in REMEDIES:
        for node in ast.walk(ast.parse((ROOT / name).read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Invalid":
                last = node.args[-1]
                if isinstance(last, ast.Constant) and isinstance(last.value, str):
                    yield (last.value,)


@pytest.fixture(scope="module", params=["it", "en"])
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    with (ROOT / "locale" / request.param / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file)


def test_every_text_is_translated(catalogue: Catalog) -> None:
    used = {texts for texts in (*in_python(), *in_templates()) if texts}
    missing = [texts for texts in used if texts[0] not in catalogue or not catalogue[texts[0]].string]
    assert sorted(missing) == []


def test_the_remedies_that_forms_show_are_translated(catalogue: Catalog) -> None:
    internal = re.compile(r"choose the kind|through its AOO|letters, digits|register code")
    missing = {one for (one,) in remedies() if one not in catalogue and not internal.search(one)}
    assert sorted(missing) == []


def test_translations_keep_the_placeholders(catalogue: Catalog) -> None:
    for message in catalogue:
        if not message.id:
            continue
        source: Any = message.id[1] if isinstance(message.id, tuple) else message.id
        given: Any = message.string[1] if isinstance(message.id, tuple) else message.string  # type: ignore[index]
        assert set(PLACEHOLDER.findall(given)) == set(PLACEHOLDER.findall(source)), source
