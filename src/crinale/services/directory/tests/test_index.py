"""The hub serves its newest edition with its digest as ETag; a node takes it over and keeps it when the hub
is down.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.test import RequestFactory

from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.services.directory.http import views
from crinale.spine.exchange import actions, queries
from crinale.spine.exchange.models import IndexedArea
from crinale.spine.exchange.ports import TransportFailure, index_source
from crinale.spine.exchange.rules.index import AreaEntry
from crinale.spine.records.signatures.tests import pki

if TYPE_CHECKING:
    from django.http import HttpResponse

pytestmark = pytest.mark.django_db

DER = pki.rsa_seal().certificate.public_bytes(Encoding.DER)
MASSA = AreaEntry(
    ipa_code="c_f032",
    body_name="Comune di Massa Marittima",
    aoo_code="A1B2C3D",
    aoo_name="Protocollo",
    endpoint="https://massa.example.it/aoo/A1B2C3D",
    seal_certificates=(b64encode(DER).decode(),),
    message_certificates=(b64encode(DER).decode(),),
    emails=("comune@pec.example.it",),
)
SASSETTA = AreaEntry(
    ipa_code="c_i454",
    body_name="Comune di Sassetta",
    aoo_code="A9Z8Y7X",
    aoo_name="Protocollo",
    endpoint="https://sassetta.example.it/aoo/A9Z8Y7X",
)


def ask(etag: str = "") -> HttpResponse:
    headers = {"If-None-Match": etag} if etag else {}
    return views.index(RequestFactory().get("/ipar/index", headers=headers))


def publish(*entries: AreaEntry) -> None:
    report = actions.import_areas(enumerate(entries, start=1), source="enrolment")
    assert not report.refused
    actions.publish_index()


@dataclass
class Hub:
    """The index source of a node, answered by the view of this process."""

    down: bool = False
    asked: list[str] = field(default_factory=list)

    def fetch(self, *, etag: str) -> tuple[str, bytes] | None:
        self.asked.append(etag)
        if self.down:
            raise TransportFailure("connection", "The hub does not answer.")
        response = ask(etag)
        return None if response.status_code == 304 else (response["ETag"], response.content)


def test_a_node_that_publishes_nothing_says_so() -> None:
    response = ask()
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_the_newest_edition_is_served_until_it_is_known() -> None:
    publish(MASSA)
    first = ask()
    assert first.status_code == 200
    assert ask(first["ETag"]).status_code == 304
    publish(SASSETTA)
    second = ask(first["ETag"])
    assert (second.status_code, second["ETag"] != first["ETag"]) == (200, True)


def test_publishing_what_did_not_change_makes_no_new_edition() -> None:
    publish(MASSA)
    before = ask()["ETag"]
    publish(MASSA)
    assert ask()["ETag"] == before


def test_a_node_takes_over_addresses_certificates_and_contacts() -> None:
    publish(MASSA)
    edition = Hub().fetch(etag="")
    IndexedArea.objects.all().delete()
    hub = Hub()
    with index_source.replaced(hub):
        assert actions.refresh_index() is True
        assert actions.refresh_index() is False
    assert edition is not None
    assert hub.asked == ["", edition[0]]
    (found,) = queries.search_index("massa")
    assert (found.endpoint, found.emails) == (MASSA.endpoint, MASSA.emails)
    assert queries.peer_areas(DER) == {"A1B2C3D"}


def test_an_area_that_left_the_index_is_no_longer_found_nor_believed() -> None:
    publish(MASSA)
    with index_source.replaced(Hub()):
        actions.refresh_index()
        IndexedArea.objects.filter(aoo_code="A1B2C3D").update(active=False)
        publish(SASSETTA)
        IndexedArea.objects.filter(aoo_code="A1B2C3D").update(active=True)
        actions.refresh_index()
    assert queries.search_index("massa") == []
    assert queries.peer_areas(DER) == frozenset()
    assert [one.aoo_code for one in queries.index_rows()] == ["A9Z8Y7X"]


def test_a_hub_that_is_down_leaves_the_last_copy_and_its_age_is_told() -> None:
    publish(MASSA)
    hub = Hub()
    now = clock.now()
    with index_source.replaced(hub):
        with clock.frozen(now):
            actions.refresh_index()
        hub.down = True
        with clock.frozen(now + timedelta(hours=1)):
            assert actions.refresh_index() is False
        with clock.frozen(now + timedelta(hours=5)):
            actions.refresh_index()
            age = next(one for one in queries.index_age() if one.source == "hub")
            assert (age.age, age.failing_since) == (timedelta(hours=5), now + timedelta(hours=1))
            assert "does not answer" in age.last_error
            assert [one.aoo_code for one in queries.search_index("massa")] == ["A1B2C3D"]
        hub.down = False
        with clock.frozen(now + timedelta(hours=6)):
            actions.refresh_index()
            age = next(one for one in queries.index_age() if one.source == "hub")
            assert (age.age, age.failing_since) == (timedelta(0), None)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"format": "other", "areas": []}', b'{"format": "crinale-index-1", "areas": [{}]}'],
)
def test_an_edition_that_cannot_be_read_leaves_the_last_copy(content: bytes) -> None:
    publish(MASSA)

    class Broken:
        def fetch(self, *, etag: str) -> tuple[str, bytes] | None:  # noqa: ARG002
            return ('"x"', content)

    with index_source.replaced(Broken()):
        assert actions.refresh_index() is False
    assert [one.aoo_code for one in queries.index_rows()] == ["A1B2C3D"]


def test_a_node_describes_its_areas_and_the_hub_enrols_them() -> None:
    descriptor = actions.describe([MASSA, SASSETTA])
    report = actions.enrol(descriptor)
    assert (report.accepted, report.refused) == (2, [])
    assert actions.enrol(descriptor).unchanged == 2
    with pytest.raises(Invalid):
        actions.enrol(b"no json")


def test_words_find_areas_as_they_are_typed_without_accents() -> None:
    publish(
        MASSA,
        SASSETTA,
        AreaEntry(ipa_code="cmcm", body_name="Comunità Montana", aoo_code="ACMCM01", aoo_name="X"),
    )
    assert [one.aoo_code for one in queries.search_index("comun")] == ["A9Z8Y7X", "A1B2C3D", "ACMCM01"]
    assert [one.aoo_code for one in queries.search_index("comunita mont")] == ["ACMCM01"]
    assert [one.aoo_code for one in queries.search_index("marit mas")] == ["A1B2C3D"]
    assert queries.search_index("  ") == []
    assert len(queries.search_index("comun", limit=1)) == 1
