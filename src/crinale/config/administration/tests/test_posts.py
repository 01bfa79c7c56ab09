"""Posts are set up, held by one person at a time, and closed from the console."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.config.administration.tests.conftest import SECRET
from crinale.config.commands import post
from crinale.spine.identity.post_kinds import POST_KINDS

if TYPE_CHECKING:
    from crinale.config.administration.tests.conftest import Console

RECORDS = ("--body", "c_f032", "--kind", "records", "--office", "PROT")
LIST = ("post", "list", "--body", "c_f032", "--on")


@pytest.fixture
def town(console: Console) -> Console:
    """A town with an office and two people."""
    console.with_a_town().do("office", "add", "PROT", "--area", "AF03201", "--name", "Protocollo")
    for name in ("anna", "bruno"):
        console.do("person", "add", name, "--name", f"{name.title()} Verdi", given=f"{SECRET}\n")
    return console


def test_a_post_passes_from_one_person_to_the_next_by_an_act(town: Console) -> None:
    town.do("post", "add", *RECORDS, "--act", "Delibera 12/2026", "--from", "2026-01-01")
    town.do("post", "appoint", "anna", *RECORDS, "--act", "Decreto 4/2026", "--from", "2026-01-01")
    assert "Anna Verdi" in (said := town.do(*LIST, "2126-06-30"))
    assert "Decreto 4/2026" in said
    assert "no post" in town.do(*LIST, "2025-12-31")
    assert "Somebody else holds this post" in town.refuse(
        "post", "appoint", "bruno", *RECORDS, "--from", "2126-01-01"
    )
    town.do("post", "vacate", *RECORDS, "--on", "2126-01-01")
    assert "vacant" in town.do(*LIST, "2126-01-01")
    town.do("post", "appoint", "bruno", *RECORDS, "--from", "2126-01-01", "--until", "2126-07-01")
    assert "Anna Verdi" in town.do(*LIST, "2125-12-31")
    assert "Bruno Verdi" in town.do(*LIST, "2126-06-30")
    assert "vacant" in town.do(*LIST, "2126-07-01")
    town.do("post", "close", *RECORDS, "--on", "2127-01-01")
    assert "no post" in town.do(*LIST, "2127-01-01")
    kinds = ("post.opened", "post.filled", "post.vacated", "post.closed")
    assert [len(town.facts(kind)) for kind in kinds] == [1, 2, 1, 1]


def test_what_is_not_there_is_said_with_what_is(town: Console) -> None:
    town.do("post", "add", "--body", "c_f032", "--kind", "data_protection")
    said = town.refuse("post", "appoint", "anna", "--body", "c_f032", "--kind", "records")
    assert "'--kind'" in said
    assert "there is data_protection" in said
    assert "'--office'" in town.refuse("post", "add", "--body", "c_f032", "--kind", "head", "--office", "NO")
    dpo = ("--body", "c_f032", "--kind", "data_protection")
    assert "nobody holds this post then" in town.refuse("post", "vacate", *dpo)
    town.do("post", "add", *dpo, "--title", "Vice")
    assert "'--title'" in town.refuse("post", "appoint", "anna", *dpo)
    town.do("post", "appoint", "anna", *dpo, "--title", "Vice")


def test_the_kinds_are_those_of_the_norms() -> None:
    assert tuple(POST_KINDS) == post.KINDS
