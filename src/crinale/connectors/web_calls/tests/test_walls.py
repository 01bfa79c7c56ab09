"""Nobody leads the node behind its own walls, and nobody but the named one takes what is delivered."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
import urllib3

from crinale.config.demo import pki
from crinale.connectors.web_calls import WebCalls, addresses
from crinale.connectors.web_calls.tests.receivers import receiver

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NAME = "sil.example.it"
PUBLIC, PRIVATE = "93.184.215.14", "10.0.0.7"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "::1",
        "fd00::1",
        "fe80::1%eth0",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "ff02::1",
    ],
)
def test_an_address_behind_the_walls_is_not_called(address: str) -> None:
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "2a00:1450:4002::1"])
def test_an_address_of_the_internet_is(address: str) -> None:
    assert addresses.is_public(address)


@pytest.mark.parametrize(
    "found", [[PRIVATE], [PUBLIC, PRIVATE], [PUBLIC, "::1"], ["::ffff:10.0.0.7"], ["127.0.0.1"], []]
)
def test_a_name_that_leads_behind_the_walls_is_not_called(found: Sequence[str]) -> None:
    """Also where only one of its addresses does: which one is taken would be a matter of luck."""
    with receiver() as other:
        caller = WebCalls(tls=ssl.create_default_context, resolve=lambda _host, _port: found)
        outcome = caller.post(f"https://{NAME}:{other.port}/", headers={}, content=b"{}")
    assert (outcome.status, outcome.failure) == (0, "address")
    assert other.heard == []


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "2130706433", "0x7f000001", "127.1", "localhost"])
def test_no_way_of_writing_it_leads_there_either(host: str) -> None:
    with receiver() as other:
        caller = WebCalls(tls=ssl.create_default_context)
        outcome = caller.post(f"https://{host}:{other.port}/", headers={}, content=b"{}")
    assert outcome.failure == "address"
    assert other.heard == []


def test_a_name_is_asked_once_and_the_judged_address_is_called() -> None:
    """A name that leads elsewhere the second time gains nothing."""
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else [PRIVATE]

    with receiver() as other:
        caller = WebCalls(tls=ssl.create_default_context, private=True, resolve=rebinding)
        outcome = caller.post(f"http://{NAME}:{other.port}/", headers={}, content=b"{}")
    assert (outcome.failure, asked) == ("", [NAME])
    assert other.heard[0][0]["host"] == f"{NAME}:{other.port}"


def _server_of(authority: pki.Authority, folder: Path, *names: str) -> ssl.SSLContext:
    made = authority.issue(
        pki.Credential.at(folder, "server"), subject=pki.node_name(names[0]), server_names=names
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    return context


@pytest.mark.parametrize(
    ("named", "trusted", "failure"),
    [(NAME, True, ""), ("other.example.it", True, "tls"), (NAME, False, "tls")],
)
def test_the_certificate_is_of_that_name_and_of_a_trusted_authority(
    tmp_path: Path, named: str, *, trusted: bool, failure: str
) -> None:
    authority = pki.Authority(tmp_path / "authority")

    def tls() -> ssl.SSLContext:
        context = ssl.create_default_context()
        if trusted:
            context.load_verify_locations(authority.credential.certificate)
        return context

    with receiver(_server_of(authority, tmp_path, named)) as other:
        caller = WebCalls(tls=tls, private=True, resolve=lambda _host, _port: ["127.0.0.1"])
        outcome = caller.post(f"https://{NAME}:{other.port}/", headers={}, content=b"{}")
    assert outcome.failure == failure
    assert len(other.heard) == (0 if failure else 1)


def test_whoever_does_not_answer_is_left(unanswering: int) -> None:
    caller = WebCalls(
        tls=ssl.create_default_context, private=True, patience=urllib3.Timeout(connect=1, read=0.1)
    )
    assert caller.post(f"http://127.0.0.1:{unanswering}/", headers={}, content=b"{}").failure == "timeout"
