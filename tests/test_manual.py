"""The clerk's manual says what the pages say: each label that it quotes is there, each picture, each link."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
from babel.messages.pofile import read_po

from crinale.config.node import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

MANUAL: Final = REPOSITORY / "docs" / "manuale"
CHAPTERS: Final = sorted(MANUAL.glob("*.md"))
PICTURES: Final = MANUAL / "immagini"
CATALOGUE: Final = REPOSITORY / "src/crinale/locale/it/LC_MESSAGES/django.po"
SOURCE: Final = REPOSITORY / "src" / "crinale"
WIDEST: Final = 1000  # pixels
HEAVIEST: Final = 120_000  # bytes of one picture


@pytest.fixture(scope="module")
def sayings() -> set[str]:
    """What the pages say in Italian, and what their templates say in every language."""
    with CATALOGUE.open("rb") as file:
        found = [entry.string for entry in read_po(file) if entry.id]
    texts = {text for one in found if one for text in ([one] if isinstance(one, str) else one)}
    for path in SOURCE.rglob("templates/**/*.html"):
        texts.update(re.findall(r">([^<>{}\n]+)<", path.read_text(encoding="utf-8")))
    return texts


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.name)
def test_every_quoted_label_is_on_a_page(chapter: Path, sayings: set[str]) -> None:
    quoted = {" ".join(label.split()) for label in re.findall(r"«([^»]+)»", chapter.read_text("utf-8"))}
    assert not quoted - sayings


def test_a_label_that_no_page_has_is_found_out(sayings: set[str]) -> None:
    assert {"Registra e invia", "ITA"} <= sayings
    assert "Registra e spedisci subito" not in sayings


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.name)
def test_every_link_of_a_chapter_leads_somewhere(chapter: Path) -> None:
    for words, target in re.findall(r"\[([^\]]*)\]\(([^)#]+)", chapter.read_text("utf-8")):
        assert words, f"{target} has no words for who does not see it"
        assert (MANUAL / target).is_file(), target


def test_the_pictures_are_light_and_each_is_shown() -> None:
    text = "\n".join(path.read_text("utf-8") for path in CHAPTERS)
    pictures = sorted(PICTURES.iterdir())
    assert {path.name for path in pictures} == set(re.findall(r"\(immagini/([^)]+)\)", text))
    for path in pictures:
        content = path.read_bytes()
        assert content[:8] == b"\x89PNG\r\n\x1a\n", path.name
        assert int.from_bytes(content[16:20], "big") <= WIDEST, path.name
        assert len(content) < HEAVIEST, path.name
    assert sum(path.stat().st_size for path in pictures) < 2_000_000


def test_the_contents_name_every_chapter() -> None:
    contents = (MANUAL / "README.md").read_text("utf-8")
    assert [path.name for path in CHAPTERS if path.name != "README.md"] == re.findall(
        r"^\d+\. \[[^\]]+\]\(([^)]+)\)", contents, re.MULTILINE
    )
