"""What the hub or a node says of an area, the open data of the IPA cannot take over nor bring back."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding

from crinale.config.commands import index as commands
from crinale.kernel.errors import Conflict, NotVisible
from crinale.spine import audit
from crinale.spine.exchange import actions, facts, queries
from crinale.spine.exchange.models import IndexedArea, IndexedBody, IndexedOffice
from crinale.spine.exchange.ports import index_source
from crinale.spine.exchange.rules.index import (
    AREA_WIDTHS,
    BODY_WIDTHS,
    OFFICE_WIDTHS,
    AreaEntry,
    BodyEntry,
    OfficeEntry,
)
from crinale.spine.records.signatures.tests import pki

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.spine.exchange.tests.pair import Pair
    from crinale.spine.identity import Actor

pytestmark = pytest.mark.django_db
DER = pki.rsa_seal().certificate.public_bytes(Encoding.DER)
MASSA = AreaEntry(
    ipa_code="c_f032",
    body_name="Comune di Massa Marittima",
    aoo_code="A1B2C3D",
    aoo_name="Protocollo",
    endpoint="https://massa.example.it/aoo/A1B2C3D",
    message_certificates=(b64encode(DER).decode(),),
)
SASSETTA = replace(MASSA, ipa_code="c_i454", aoo_code="A9Z8Y7X", message_certificates=())
IN_THE_IPA = replace(MASSA, endpoint="", message_certificates=(), phone="0566906211")


class Hub:
    """A hub whose edition holds what it is told."""

    def __init__(self) -> None:
        self.edition: tuple[str, bytes] = ("", b"")

    def publish(self, *entries: AreaEntry) -> None:
        self.edition = (f"{len(entries)}", actions.describe(entries))

    def fetch(self, *, etag: str) -> tuple[str, bytes] | None:
        return None if etag == self.edition[0] else self.edition


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    with index_source.replaced(made):
        yield made


def import_ipa(*entries: AreaEntry) -> actions.ImportReport:
    return actions.import_areas(enumerate(entries, start=1), source="ipa")


def test_an_area_that_the_hub_withdraws_is_believed_no_more_after_an_import_of_the_ipa(hub: Hub) -> None:
    hub.publish(MASSA, SASSETTA)
    actions.refresh_index()
    assert import_ipa(IN_THE_IPA).updated == 1
    assert IndexedArea.objects.get(aoo_code="A1B2C3D").phone == "0566906211"
    assert queries.peer_areas(DER) == {"A1B2C3D"}
    hub.publish(SASSETTA)
    actions.refresh_index()
    assert queries.peer_areas(DER) == frozenset()
    import_ipa(IN_THE_IPA)
    import_ipa(replace(IN_THE_IPA, phone="0566 1"))
    assert queries.peer_areas(DER) == frozenset()
    assert [one.aoo_code for one in queries.index_rows()] == ["A9Z8Y7X"]
    hub.publish(MASSA, SASSETTA, replace(SASSETTA, aoo_code="AAAA001"))
    actions.refresh_index()
    assert queries.peer_areas(DER) == {"A1B2C3D"}


def test_a_hub_withdraws_an_area_until_its_node_enrols_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[audit.Fact] = []
    write = audit.write

    def noting(fact: audit.Fact, *, actor: Actor) -> None:
        written.append(fact)
        write(fact, actor=actor)

    monkeypatch.setattr(audit, "write", noting)
    actions.import_areas([(1, MASSA), (2, SASSETTA)], source="enrolment")
    assert actions.publish_index().areas == 2
    actions.withdraw_area(aoo_code="a1b2c3d")
    assert actions.publish_index().areas == 1
    assert queries.peer_areas(DER) == frozenset()
    assert [one.aoo_code for one in written if isinstance(one, facts.AreaWithdrawn)] == ["A1B2C3D"]
    assert import_ipa(IN_THE_IPA).accepted == 0
    assert actions.publish_index().areas == 1
    with pytest.raises(NotVisible):
        actions.withdraw_area(aoo_code="A1B2C3D")
    actions.enrol(actions.describe([MASSA]))
    assert queries.peer_areas(DER) == {"A1B2C3D"}


def test_a_node_does_not_withdraw_what_comes_from_its_hub(hub: Hub) -> None:
    hub.publish(MASSA)
    actions.refresh_index()
    with pytest.raises(Conflict):
        actions.withdraw_area(aoo_code="A1B2C3D")
    assert queries.peer_areas(DER) == {"A1B2C3D"}


def test_nothing_is_sent_to_an_area_that_was_withdrawn(pair: Pair) -> None:
    view = pair.send()
    actions.withdraw_area(aoo_code=pair.sassetta.code)
    pair.run()
    assert pair.wire.calls == []
    assert pair.sent(view.id).failure == "connection"


def test_the_command_withdraws_and_says_what_is_left_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "enter_node", lambda *_, **__: None)
    actions.import_areas([(1, MASSA)], source="enrolment")
    done = CliRunner().invoke(commands.index, ["withdraw", "A1B2C3D"])
    assert (done.exit_code, "Publish the index" in done.output) == (0, True)
    assert queries.index_rows() == []
    again = CliRunner().invoke(commands.index, ["withdraw", "A1B2C3D"])
    assert again.exit_code == 1
    assert "no area A1B2C3D" in again.output


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"endpoint": "https://a.example/" + "x" * 393}, "endpoint"),
        ({"address": "v" * 301}, "address"),
        ({"emails": ("a@b.it", "c" * 255)}, "emails"),
        ({"body_name": "Comune\x00"}, "body_name"),
    ],
)
def test_a_row_that_does_not_fit_is_told_and_the_others_go_in(changes: dict[str, Any], field: str) -> None:
    report = import_ipa(replace(MASSA, **changes), SASSETTA)
    assert [(line, wrong) for line, wrong, _ in report.refused] == [(1, field)]
    assert report.accepted == 1


def test_bodies_and_offices_that_do_not_fit_are_told_too() -> None:
    bodies = [BodyEntry(ipa_code="c_f032", name="n" * 301), BodyEntry(ipa_code="c_i454", name="Sassetta")]
    report = actions.import_bodies(enumerate(bodies, start=1), source="ipa")
    assert (report.accepted, report.refused[0][:2]) == (1, (1, "name"))
    offices = [OfficeEntry(code="ABC123", ipa_code="c_f032", name="n" * 501)]
    assert actions.import_offices(enumerate(offices, start=1), source="ipa").refused[0][1] == "name"


@pytest.mark.parametrize(
    ("model", "widths"),
    [(IndexedArea, AREA_WIDTHS), (IndexedBody, BODY_WIDTHS), (IndexedOffice, OFFICE_WIDTHS)],
)
def test_the_widths_are_those_of_the_columns(model: type[IndexedArea], widths: dict[str, int]) -> None:
    columns = {
        one.name: getattr(one, "base_field", one).max_length
        for one in model._meta.concrete_fields
        if one.name not in {"id", "source", "message_fingerprints"}
    }
    assert {name: width for name, width in columns.items() if width} == widths
