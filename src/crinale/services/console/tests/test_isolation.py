"""Who does not administer a body, or administers another one, finds nothing at any address of the console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from crinale.services.console.ports import checkup
from crinale.services.console.tests.halls import NodeAsSaid
from crinale.services.protocol_office.tests.desks import text_of
from crinale.services.protocol_office.tests.test_isolation import _without_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.services.console.tests.halls import Halls

EVERYBODYS = {"preferences"}


def patterns() -> Iterator[tuple[str, frozenset[str]]]:
    for one in get_resolver("crinale.config.urls_pages").url_patterns:
        if isinstance(one, URLResolver) and one.namespace == "console":
            for found in one.url_patterns:
                assert isinstance(found, URLPattern)
                yield str(found.name), frozenset(found.pattern.converters)


ALL = sorted(patterns())
WITH_IDS = [one for one in ALL if one[1]]


def test_every_address_is_looked_at() -> None:
    assert len(ALL) >= 30
    assert len(WITH_IDS) >= 18


@pytest.fixture(autouse=True)
def node() -> Iterator[NodeAsSaid]:
    with checkup.replaced(said := NodeAsSaid()):
        yield said


@pytest.mark.parametrize(("name", "arguments"), ALL, ids=[name for name, _ in ALL])
def test_the_administrator_finds_something_there(halls: Halls, name: str, arguments: frozenset[str]) -> None:
    """Else the next tests would say nothing."""
    ids = halls.everything_of(halls.massa)
    answer = halls.at(halls.massa).get(_address(name, arguments, ids), {"since": "2020-01-01"})
    assert answer.status_code in {200, 405}, text_of(answer)[:3000]


@pytest.mark.parametrize(("name", "arguments"), ALL, ids=[name for name, _ in ALL])
def test_a_clerk_of_the_body_finds_nothing(halls: Halls, name: str, arguments: frozenset[str]) -> None:
    ids = halls.everything_of(halls.massa)
    clerk = halls.desks.at(halls.massa, role="protocol_clerk")
    for method in (clerk.get, clerk.post):
        answer = method(_address(name, arguments, ids), {"on": "2030-01-01"})
        wanted = {200, 422} if name in EVERYBODYS else {404, 405}
        assert answer.status_code in wanted


@pytest.mark.parametrize(("name", "arguments"), WITH_IDS, ids=[name for name, _ in WITH_IDS])
def test_the_administrator_of_another_body_finds_what_is_absent(
    halls: Halls, name: str, arguments: frozenset[str]
) -> None:
    ids = halls.everything_of(halls.massa)
    stranger = halls.at(halls.sassetta)
    own = halls.everything_of(halls.sassetta)
    mixed = [{**own, argument: ids[argument]} for argument in arguments]
    for given in ({**ids}, *mixed):
        address = _address(name, arguments, given)
        absent = _address(name, arguments, {key: UUID(int=7) for key in given})
        for method in (stranger.get, stranger.post):
            answer, alike = method(address), method(absent)
            assert answer.status_code in {404, 405}, (given, text_of(answer)[:2000])
            assert _without_token(text_of(answer), address) == _without_token(text_of(alike), absent)


def test_nobody_of_another_body_is_in_lists_and_choices(halls: Halls) -> None:
    ids = halls.everything_of(halls.massa)
    stranger = halls.at(halls.sassetta)
    post = halls.everything_of(halls.sassetta)["post_id"]
    pages = [
        reverse("console:staff"),
        reverse("console:organigram"),
        reverse("console:mailboxes"),
        reverse("console:activity"),
        reverse("console:review"),
        reverse("console:grant"),
        reverse("console:appoint", args=[post]),
    ]
    for page in pages:
        text = text_of(stranger.get(page))
        for one in ids.values():
            assert str(one) not in text
    assert halls.massa.code.lower() not in text_of(stranger.get(reverse("console:mailboxes")))


def _address(name: str, arguments: frozenset[str], ids: dict[str, Any]) -> str:
    return reverse(f"console:{name}", kwargs={argument: ids[argument] for argument in arguments})
