"""A node that is down loses nothing: what was sent to it arrives once, when it is back."""

from __future__ import annotations

import json
import re
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.network import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.network import Network

pytestmark = pytest.mark.xdist_group("network")
SENDER, RECIPIENT = "AF03201", "AI45401"
SENDER_NODE, RECIPIENT_NODE, HUB = "nal-colline-metallifere", "nal-piombino", "tix"


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "avviso.txt"
    file.write_text("Avviso\n")
    return file


@pytest.fixture
def whole(network: Network) -> Iterator[Network]:
    """The network, with every node up again after the test."""
    yield network
    for node in (RECIPIENT_NODE, HUB):
        network.run("demo", "up", node)
    for node in (RECIPIENT_NODE, HUB):
        wait_until(partial(is_up, network, node), 60, f"{node} to be up")


def is_up(network: Network, node: str) -> bool:
    import socket

    port = network.node_home(node).settings()["machine"]["port"]
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def take_down(network: Network, node: str) -> None:
    assert network.run("demo", "down", node).returncode == 0
    wait_until(lambda: not is_up(network, node), 30, f"{node} to be down")


def send(network: Network, document: Path, subject: str, *, wait: int = 0) -> str:
    """Send from the command line; gives the number."""
    ended = network.run(
        "send", "--from", SENDER, "--to", RECIPIENT, "--subject", subject, "--class", "1.15",
        "--wait", str(wait), str(document),
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout.split("number ", 1)[1].split(" ", 1)[0]


def message(network: Network, subject: str) -> tuple[str, Any]:
    found = network.rows(
        SENDER_NODE,
        "select state, recipient_identifier from exchange_message where subject = %s and direction = 'out'",
        [subject],
    )
    state, identifier = found[0]
    return state, identifier


def registered_there(network: Network, subject: str) -> int:
    found = network.rows(
        RECIPIENT_NODE, "select count(*) from protocol_registration where subject = %s", [subject]
    )
    return int(found[0][0])


def test_a_document_for_a_node_that_is_down_arrives_once_when_it_is_back(
    whole: Network, document: Path
) -> None:
    subject = f"Documento per un nodo spento {time.time_ns()}"
    take_down(whole, RECIPIENT_NODE)

    send(whole, document, subject)
    wait_until(lambda: message(whole, subject)[0] == "sending", 40, "a failed attempt", story=whole.story)
    whole.run("demo", "up", RECIPIENT_NODE)
    wait_until(lambda: message(whole, subject)[0] == "registered", 90, "the receipt", story=whole.story)

    assert registered_there(whole, subject) == 1
    assert message(whole, subject)[1]["number"]


def test_without_the_hub_documents_go_on_by_the_last_copy_of_the_index(
    whole: Network, document: Path
) -> None:
    subject = f"Documento senza il centro {time.time_ns()}"
    take_down(whole, HUB)

    send(whole, document, subject)
    wait_until(lambda: message(whole, subject)[0] == "registered", 30, "the receipt", story=whole.story)

    assert whole.run("index", "refresh", "--node", SENDER_NODE).returncode == 1
    told = whole.run("index", "show", "--node", SENDER_NODE).stderr
    assert re.search(r"hub: \d+ rows, as of 20\d\d-\d\d-\d\d \d\d:\d\d UTC, failing since 20", told), told


def test_the_endpoints_tell_how_to_drive_the_network(network: Network) -> None:
    described = json.loads((network.home / "demo" / "endpoints.json").read_text())

    assert set(described["nodes"]) == {
        "tix",
        "nal-colline-metallifere",
        "nal-provincia-grosseto",
        "nal-piombino",
    }
    assert {area["aoo_code"] for node in described["nodes"].values() for area in node["areas"]} == {
        "AUCCM01", "AF03201", "APGR001", "AF61201", "AF67701", "AH44901", "AG68701", "AI45401",
    }  # fmt: skip
    for node in described["nodes"].values():
        assert node["pages_url"].startswith("http://")
        assert node["machine_url"].startswith("https://127.0.0.1:")
        assert node["hub"] or all(user["password"] and user["bodies"] for user in node["users"])
