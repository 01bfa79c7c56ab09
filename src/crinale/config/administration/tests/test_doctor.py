"""The doctor says what a node lacks and what to do about it, and leaves a node alone that lacks nothing."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import OperationalError, connection

from crinale.config.administration.checkup import machine, proxy
from crinale.config.administration.checkup.findings import good
from crinale.config.administration.tests.conftest import SECRET
from crinale.config.administration.tests.provider import Provider
from crinale.config.node import free_port
from crinale.config.node_keys import NodeKeys
from crinale.kernel import clock
from crinale.services.console.rules import in_words
from crinale.spine.exchange import actions as exchange
from crinale.spine.exchange.rules.index import AreaEntry
from crinale.spine.jobs import ticks

if TYPE_CHECKING:
    from pathlib import Path

    from crinale.config.administration.tests.conftest import Console

TLS = ("tls", "--host", "nodo.example")
SEAL = ("seal", "--area", "AF03201")
MESSAGE = ("message", "--area", "AF03201")


def examined(console: Console) -> dict[str, dict[str, Any]]:
    """What the doctor says, by subject."""
    answer = console.type("doctor", "--json")
    assert answer.exit_code in {0, 1, 2}, answer.output
    return {one["subject"]: one for one in json.loads(answer.output)}


def test_a_new_node_is_told_what_it_lacks_in_order(console: Console) -> None:
    console.home.prepare()
    console.home.update_settings(web={"port": free_port()})
    found = examined(console)
    lacking = [subject for subject, one in found.items() if one["level"] == "bad"]
    assert lacking[:5] == ["listener web", "listener machine", "areas", "trust", "key tls"]
    assert {"index", "worker", "facts"} <= set(lacking)
    assert all(one["remedy"] for one in found.values() if one["level"] != "good")
    assert found["database role"]["level"] == found["tables"]["level"] == "good"
    assert console.type("doctor").exit_code == 1


@pytest.fixture
def set_up(console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Console:
    """A node with all that it needs; its listeners and the machine's clock are taken as good."""
    home, provider = console.with_a_town().home, Provider(tmp_path)
    home.prepare()
    home.update_settings(web={"https": True}, node={"hub": True})
    home.update_settings(interface={"address_header": "X-Real-IP"})
    monkeypatch.setattr(machine, "listeners", lambda _: iter((good("listeners", "as if"),)))
    monkeypatch.setattr(machine, "clock_of_machine", lambda _: iter((good("clock", "as if"),)))
    console.do("area", "set", "AF03201", "--endpoint", "https://nodo.example:8443")
    console.do("office", "add", "PROT", "--area", "AF03201", "--name", "Protocollo")
    console.do("person", "add", "anna.verdi", "--name", "Anna Verdi", given=f"{SECRET}\n")
    console.do("role", "grant", "--person", "anna.verdi", "--body", "c_f032", "--role", "records_manager")
    console.do("keys", "trust", "add", provider.root_file)
    for words in (TLS, SEAL, MESSAGE):
        request = tmp_path / f"{words[0]}.csr"
        console.do("keys", "request", *words, "--type", "ec-p256", "--out", str(request))
        console.do("keys", "install", words[0], *_area(words), provider.answer(request))
    enrol(console)
    exchange.publish_index()
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers default values")
    for tick in ticks.all_ticks():
        ticks.claim(tick)
    return console


def _area(words: tuple[str, ...]) -> tuple[str, ...]:
    return words[1:] if words[1] == "--area" else ()


def enrol(console: Console, *, endpoint: str = "https://nodo.example:8443/aoo/AF03201") -> None:
    keys = NodeKeys(console.home.secrets)

    def certificate(file: Path) -> str:
        loaded = x509.load_pem_x509_certificate(file.read_bytes())
        return b64encode(loaded.public_bytes(Encoding.DER)).decode()

    entry = AreaEntry(
        ipa_code="c_f032",
        body_name="Comune di Massa Marittima",
        aoo_code="AF03201",
        aoo_name="Protocollo generale",
        endpoint=endpoint,
        seal_certificates=(certificate(keys.seal("AF03201")[0]),),
        message_certificates=(certificate(keys.message("AF03201")[0]),),
    )
    exchange.import_areas([(1, entry)], source="enrolment")


def test_a_node_that_lacks_nothing_gets_no_remedy(set_up: Console) -> None:
    answer = set_up.type("doctor")
    assert answer.exit_code == 0, answer.output
    assert "0 warnings, 0 lacking" in answer.output
    assert "ok       key seal AF03201: valid for 363 days" in set_up.do("doctor", "--all")


def test_what_changed_since_the_enrolment_is_noticed(set_up: Console, tmp_path: Path) -> None:
    enrol(set_up, endpoint="https://vecchio.example/aoo/AF03201")
    assert examined(set_up)["enrolment of AF03201"]["seen"] == "the index has another address"


def test_a_key_that_ends_soon_or_does_not_fit_is_noticed(set_up: Console, tmp_path: Path) -> None:
    keys = NodeKeys(set_up.home.secrets)
    keys.message("AF03201")[1].write_bytes(keys.tls_key.read_bytes())
    keys.seal("AF03201")[1].unlink()
    keys.seal("AF03201")[0].unlink()
    found = examined(set_up)
    assert "is not that of the key" in found["key message AF03201"]["seen"]
    assert found["key seal AF03201"]["remedy"] == "crinale keys request seal --area AF03201"


def test_secrets_that_others_may_read_are_noticed(set_up: Console) -> None:
    set_up.home.secrets.chmod(0o755)
    assert examined(set_up)["secrets"]["level"] == "bad"
    assert set_up.type("doctor").exit_code == 1


def test_workers_and_jobs_that_stand_still_are_noticed(set_up: Console) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_workers set last_heartbeat = now() - interval '1 hour'")
        cursor.execute("update jobs_tick set claimed_at = now() - interval '1 hour'")
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status)"
            " values ('exchange', 'a.task', 'failed'), ('exchange', 'b.task', 'todo')"
        )
        cursor.execute("update procrastinate_events set at = now() - interval '1 hour'")
    found = examined(set_up)
    assert found["worker"]["level"] == found["facts"]["level"] == "bad"
    assert set_up.type("doctor").output.count("failed for good: a.task") == 1
    assert "one has been waiting for 60 minutes" in set_up.type("doctor").output


def test_facts_that_nobody_seals_are_noticed(set_up: Console) -> None:
    assert examined(set_up)["facts"]["level"] == "good"
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        found = examined(set_up)["facts"]
    assert found["level"] == "bad"
    assert "wait to be sealed since" in found["seen"]


@pytest.mark.parametrize(
    ("web", "header", "seen"),
    [
        ({"https": False}, "", "of their own connection"),
        ({"https": True}, "X-Real-IP", "as the proxy writes them in X-Real-IP"),
        ({"https": True}, "x-forwarded-for", "as the proxy writes them"),
        ({"https": True}, "", "counts as one caller"),
        ({"https": True}, "X-Client-IP", "pass X-Client-IP on as the caller wrote it"),
        ({"https": True}, "X-Real-IP:", "is not the name of a header"),
        ({"https": False}, "X-Real-IP", "any caller may write X-Real-IP himself"),
        ({"https": True, "host": "192.0.2.7"}, "X-Real-IP", "whoever reaches 192.0.2.7 past the proxy"),
    ],
)
def test_an_address_that_callers_share_or_choose_is_noticed(
    console: Console, web: dict[str, Any], header: str, seen: str
) -> None:
    console.home.update_settings(web=web, interface={"address_header": header})
    (found,) = proxy.callers_addresses(console.home)
    assert seen in found.seen
    fine = seen.startswith(("of their own", "as the proxy"))
    assert (found.level, bool(found.remedy)) == ("good" if fine else "warning", not fine)
    for sentence in filter(None, (found.subject, found.seen, found.remedy)):
        assert in_words(sentence) != sentence, "told in Italian on the page"


def test_the_doctor_looks_at_the_addresses_of_callers(set_up: Console) -> None:
    assert examined(set_up)["callers' addresses"]["level"] == "good"
    set_up.home.update_settings(interface={"address_header": ""})
    assert examined(set_up)["callers' addresses"]["level"] == "warning"


def test_a_body_in_which_nobody_registers_is_noticed(set_up: Console) -> None:
    set_up.do("person", "deactivate", "anna.verdi")
    assert examined(set_up)["people of c_f032"]["seen"] == "nobody may register"


def test_a_database_that_does_not_answer_is_said_so(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    console.home.prepare()
    console.home.update_settings(web={"port": 8000})

    def refused() -> None:
        raise OperationalError("connection refused")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "ensure_connection", refused)
        answer = console.type("doctor")
    assert answer.exit_code == 1
    assert "is the node running?" in answer.output
