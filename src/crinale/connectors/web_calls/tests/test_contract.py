"""The caller and its fake keep the same promises."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from crinale.config.node import free_port
from crinale.connectors.web_calls import WebCalls
from crinale.connectors.web_calls.fake import KeptCalls
from crinale.connectors.web_calls.tests.receivers import receiver

if TYPE_CHECKING:
    from crinale.services.program_interface.ports import WebCaller

Heard = Callable[[], list[tuple[dict[str, str], bytes]]]
Told = Callable[[int], str]
Pair = tuple["WebCaller", Told, Heard]


@pytest.fixture(params=["real", "fake"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """A caller, how to make an address answer with a status, and what was heard there."""
    if request.param == "fake":
        kept = KeptCalls(private=True)

        def tell(status: int) -> str:
            kept.answers["http://127.0.0.1/events"] = status
            return "http://127.0.0.1/events"

        yield kept, tell, lambda: [(headers, content) for _url, headers, content in kept.heard]
        return
    with receiver() as other:
        other.location = other.url

        def answer(status: int) -> str:
            other.status = status
            return other.url

        yield WebCalls(tls=ssl.create_default_context, private=True), answer, lambda: other.heard


def test_what_is_delivered_arrives_whole(pair: Pair) -> None:
    caller, told, heard = pair
    outcome = caller.post(told(202), headers={"Webhook-Id": "7"}, content="già".encode())
    assert (outcome.status, outcome.failure) == (202, "")
    ((headers, content),) = heard()
    assert (headers["webhook-id"], content.decode()) == ("7", "già")


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 410, 500, 503])
def test_a_refusal_is_told_and_no_redirection_followed(pair: Pair, status: int) -> None:
    caller, told, heard = pair
    outcome = caller.post(told(status), headers={}, content=b"{}")
    assert (outcome.status, outcome.failure) == (status, "status")
    assert len(heard()) == 1


def test_nobody_there_is_told(pair: Pair) -> None:
    caller, _told, _heard = pair
    outcome = caller.post(f"http://127.0.0.1:{free_port()}/", headers={}, content=b"{}")
    assert (outcome.status, outcome.failure) == (0, "connection")


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("https://sil.example.it/events?a=1", ""),
        ("http://sil.example.it:8080/", ""),
        ("ftp://sil.example.it/", "https://"),
        ("https:///events", "https://"),
        ("https://sil.example.it:99999/", "https://"),
        ("https://sil.example.it/ two", "https://"),
        ("https://sil.example.it/" + "x" * 2000, "https://"),
        ("https://me:secret@sil.example.it/", "user names"),
        ("https://sil.example.it/#here", "#"),
    ],
)
def test_an_address_that_cannot_be_called_is_told(pair: Pair, url: str, remedy: str) -> None:
    caller, _told, heard = pair
    assert remedy in caller.refusal(url)
    assert bool(caller.refusal(url)) == bool(remedy)
    if remedy:
        assert caller.post(url, headers={}, content=b"{}").failure == "address"
        assert heard() == []
