"""Processes are killed at random: nothing is lost, nothing happens twice, no number is missing.

CRINALE_FAULT_ROUNDS says how often (5 in the suite; the acceptance of the exchange asks for 50).
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.network import environment, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.network import Network

pytestmark = pytest.mark.xdist_group("network")
ROUNDS = int(os.environ.get("CRINALE_FAULT_ROUNDS", "5"))
NODES = ("nal-colline-metallifere", "nal-piombino")
DIRECTIONS = (("AF03201", "AI45401"), ("AI45401", "AF03201"))
PROCESSES = ("worker", "machine", "web", "postgres")
PER_ROUND = 6
SETTLED = ("registered", "refused")


def sending(
    network: Network, document: Path, *, subject: str, direction: tuple[str, str]
) -> subprocess.Popen[str]:
    """A command that registers and sends one document; it may fail when the database is killed under it."""
    sender, recipient = direction
    return subprocess.Popen(
        [
            sys.executable, "-m", "crinale.config.cli", "send", "--from", sender, "--to", recipient,
            "--subject", subject, "--class", "1.15", "--wait", "0", str(document),
        ],
        env=environment(network.home),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip


def kill(network: Network, node: str, process: str) -> None:
    """Kill -9 what a crash would take: a listener with its workers, a worker, a whole database."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        for pid in reversed(network.family(node, process)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def unsettled(network: Network, subject: str) -> int:
    """Messages that have not come to their end on either side."""
    query = (
        "select count(*) from exchange_message where subject like %s"
        " and (state not in ('registered', 'refused') or errand <> '')"
    )
    return sum(int(network.rows(node, query, [f"{subject}%"])[0][0]) for node in NODES)


def test_after_kills_at_random_points_everything_is_there_exactly_once(
    own_network: Network, tmp_path: Path
) -> None:
    network = own_network
    document = tmp_path / "delibera.txt"
    document.write_text("Il Consiglio comunale delibera.\n")
    chance = random.Random(time.time_ns())  # noqa: S311  nothing secret
    run = f"Prova di arresto {time.time_ns()}"

    promised: dict[str, int] = {}
    for number in range(ROUNDS):
        subjects = [f"{run} giro {number} atto {index}" for index in range(PER_ROUND)]
        commands = [
            sending(network, document, subject=subject, direction=DIRECTIONS[index % 2])
            for index, subject in enumerate(subjects)
        ]
        for _ in range(2):
            time.sleep(chance.uniform(0.2, 1.5))  # the random point is the test
            kill(network, chance.choice(NODES), chance.choice(PROCESSES))
        for subject, command in zip(subjects, commands, strict=True):
            said, _ = command.communicate(timeout=120)
            if told := re.search(r"Registered with number (\d+)", said):
                promised[subject] = int(told[1])

    wait_until(
        lambda: unsettled(network, run) == 0,
        60 + 10 * ROUNDS,
        "every message to come to its end",
        story=network.story,
    )
    _check_messages(network, run)
    _check_promises(network, run, promised)
    for node in NODES:
        _check_numbers(network, node)
        verified = network.run("audit", "verify", "--node", node)
        assert verified.returncode == 0, verified.stdout + verified.stderr


def _check_promises(network: Network, run: str, promised: dict[str, int]) -> None:
    """A number that a command told its user is in the register for ever, whatever was killed afterwards."""
    registered = {
        subject: number
        for node in NODES
        for subject, number in network.rows(
            node,
            "select subject, number from protocol_registration"
            " where direction = 'outgoing' and subject like %s",
            [f"{run}%"],
        )
    }
    assert len(promised) >= ROUNDS, "hardly anything was registered: the kills showed little"
    assert {subject: registered.get(subject) for subject in promised} == promised


def _check_messages(network: Network, run: str) -> None:
    """Every document sent is registered once at the other side, with the number that it told."""
    sent, received = (
        {
            (row[0], row[1]): row[2:]
            for node in NODES
            for row in network.rows(
                node,
                "select subject, counterpart_aoo, state, recipient_identifier from exchange_message"
                " where direction = %s and subject like %s",
                [direction, f"{run}%"],
            )
        }
        for direction in ("out", "in")
    )
    assert sent
    assert all(state in SETTLED for state, _ in sent.values())
    registered = {
        subject: (count, number)
        for node in NODES
        for subject, count, number in network.rows(
            node,
            "select subject, count(*), max(number) from protocol_registration"
            " where direction = 'incoming' and subject like %s group by subject",
            [f"{run}%"],
        )
    }
    assert {subject for subject, _ in sent} == {subject for subject, _ in received} == set(registered)
    for (subject, _), (_, identifier) in sent.items():
        assert registered[subject] == (1, int(identifier["number"]))


def _check_numbers(network: Network, node: str) -> None:
    """The numbers of every register run from one to the last without a gap."""
    for register, count, first, last, counter in network.rows(
        node,
        "select r.register_id::text, count(*), min(r.number), max(r.number), max(c.last_number)"
        " from protocol_registration r join protocol_counter c using (register_id, year) group by 1, r.year",
    ):
        assert (first, last, counter) == (1, count, count), register
