"""Who may not see what is confidential sees the same, byte for byte, whether or not there is any.

A metamorphic test: a day is told, pictures are taken of all that each stranger sees, then confidential
documents of every kind are laid over the day, near to what is ordinary, and the pictures must be the same.
What remains is inherent in a register without gaps (DPR 445/2000, art. 53): from a number that he is not
shown a stranger learns that something was registered, as he does when he is given the next number himself.
For the same reason who looks through the logs is told of numbers there, never of what they are about.
A message that nobody registered (it waits, or was refused at the door) is for those who decide on arrivals,
as ``exchange.queries.visibility`` has it: it is no registration.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import typst
from django.core import signing
from django.test import Client
from django.urls import Resolver404, resolve

from crinale.kernel import clock
from crinale.services.protocol_office import queries as office_queries
from crinale.spine.exchange.mail_ports import postman
from crinale.spine.exchange.tests.conftest import pair
from crinale.spine.exchange.tests.post import PostOffice
from crinale.spine.identity import second_factors
from tests.strangers import pictures, story
from tests.strangers.story import Story
from tests.strangers.viewers import NUMBERS, THOROUGH, Viewers, page_names, plain_addresses, tomorrow, undone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from crinale.spine.exchange.tests.pair import Pair
    from tests.strangers.pictures import Picture

__all__ = ["pair"]
LOG = pictures.LOG
_ID = re.compile(pictures.UUID)
# Where a list goes on is a place in an order, not a thing.
_CURSOR = re.compile(r"\b(?:before|cursor)=[^&]*")


class _StandingTime:
    """The clock of signatures stands too; otherwise two of the same would differ."""

    @staticmethod
    def time() -> float:
        return clock.now().timestamp()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three rows, so that every list has several; what is printed is what is given to be set."""
    for module in pkgutil.walk_packages(office_queries.__path__, f"{office_queries.__name__}."):
        found = importlib.import_module(module.name)
        for name, size in {"PAGE": 3, "_BATCH": 2, "_ROWS": 3, "_DAYS": 1}.items():
            if isinstance(getattr(found, name, None), int):
                monkeypatch.setattr(found, name, size)

    def compile_(template: bytes, *, sys_inputs: dict[str, str], **_asked: Any) -> bytes:
        return b"%PDF-1.7 " + json.dumps(sys_inputs, ensure_ascii=False).encode()

    monkeypatch.setattr(typst, "compile", compile_)
    monkeypatch.setattr(signing, "time", _StandingTime)
    monkeypatch.setattr(second_factors, "new_secret", lambda: "A" * 32)


@pytest.fixture
def day(pair: Pair) -> Iterator[Story]:
    """An ordinary day, while the clock stands."""
    office = PostOffice()
    with postman.replaced(office), clock.frozen(clock.now()):
        told = Story(pair, office)
        told.ordinary()
        yield told


# The pages of the protocol office that no stranger of this story opens. Some are only sent to, or draw a part
# of a form again; others are the head's (annulments, emergencies, deposits, plans); others would need a PDF,
# a closed dossier, a thousand registrations. A page that is new has to be in the story, or named here.
UNSEEN = set(
    """
    annul annulment_act close_preset copy_file correspondent document_picture documents dossier_file
    emergency emergency_authorisation emergency_close emergency_enter emergency_extend
    emergency_form emergency_lines emergency_page mail_back mail_file_picture merge_correspondents
    new_edition noted plan_difference recipients register_copy reopen_dossier repeat_deposit retry
    send_by_exchange send_to_late waiting_picture withdraw_edition
    """.split()  # noqa: SIM905  a list of words
)


def test_what_is_confidential_leaves_no_trace(day: Story) -> None:
    viewers = Viewers(day)
    before = viewers.strangers()
    day.confidential()
    now = viewers.strangers()
    assert not (told := pictures.differences(before, now)), told
    entitled = viewers.entitled()
    for who, picture in entitled.items():
        assert story.SUBJECT in "".join(picture.values()), who
    assert entitled["entrusted program"]["events"] != now["program"]["events"] != ""
    assert page_names() - opened(now.values()) <= UNSEEN
    hidden = identifiers(entitled.values()) - identifiers(now.values())
    assert len(hidden) > 20
    with tomorrow(day):
        for who in THOROUGH:
            browser = viewers.desks.sits(*viewers.people[who])
            absent_is_forbidden(who, entitled["head"], hidden, browser.get, browser.post)
        caller = viewers.programs["program"]
        assert caller.sign_in().status_code == 200
        asked = partial(caller.ask, "GET"), partial(caller.ask, "POST", body={})
        absent_is_forbidden("program", entitled["entrusted program"], hidden, *asked)
        log_tells_no_content(viewers.desks.sits(*viewers.people["administrator"]))


def opened(seen: Iterable[Picture]) -> set[str]:
    """The names of the pages that somebody opened."""
    names = set()
    for picture in seen:
        for address, text in picture.items():
            if text.startswith("200"):
                with suppress(Resolver404):
                    names.add(resolve(address.rpartition(" ")[2].partition("?")[0]).url_name or "")
    return names


def identifiers(seen: Iterable[Picture]) -> set[str]:
    """Every identifier that is shown."""
    return {one for picture in seen for pair in picture.items() for text in pair for one in _ID.findall(text)}


def absent_is_forbidden(who: str, whole: Picture, hidden: set[str], *asked: Callable[[str], Any]) -> None:
    """Whatever address of a hidden thing is guessed answers as that of a thing that is not there."""
    shapes: dict[str, str] = {}
    for address in whole:
        if hidden & set(_ID.findall(_CURSOR.sub("", address))) and address.startswith("/"):
            shapes[_ID.sub("", address)] = address
    for address in shapes.values():
        nowhere = _ID.sub(lambda one: str(uuid4()) if one[0] in hidden else one[0], address)
        for ask in asked:
            with undone():
                answers = [_ID.sub("", pictures.shown(ask(one))) for one in (address, nowhere)]
            assert answers[0] == answers[1], f"{who}: {address}"


def log_tells_no_content(browser: Client) -> None:
    """Numbers, never what they are about."""
    seen = [browser.get(f"{LOG}?what={what}") for what in ("facts", "readings")]
    seen += [browser.get(f"{LOG}.csv?what={what}") for what in ("facts", "readings")]
    for number in NUMBERS[::3]:
        written = f"{number}/{clock.today().year}"
        seen += [browser.get(f"{LOG}?what={what}&number={written}") for what in ("facts", "readings")]
    for answer in seen:
        assert answer.status_code in (200, 422)
        assert not [one for one in (*story.WORDS, story.SUBJECT) if one in pictures.shown(answer)]


def test_without_a_role_nothing_is_seen(day: Story) -> None:
    viewers = Viewers(day)
    day.confidential()
    desks, (person, town) = viewers.desks, viewers.people["clerk of another office"]
    with tomorrow(day):
        nobody, stranger = desks.sits(desks.person(), town), Client()
        seen = pictures.pages(desks.sits(person, town), plain_addresses())
        within = [one for one, text in seen.items() if one.startswith("/protocollo/") and text[:3] == "200"]
        assert len(within) > 100
        for address in within:
            for browser, instead in ((nobody, "/scegli"), (stranger, "/accedi")):
                answer = browser.get(address)
                assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, instead), address
