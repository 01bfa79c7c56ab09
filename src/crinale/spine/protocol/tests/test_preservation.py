"""Frozen days are sealed, chained, delivered to preservation, and its report is kept."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import zipfile
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import DatabaseError, connection, transaction
from lxml import etree

from crinale.connectors.deposit_folder.fake import FakeDeposit, ServiceAway
from crinale.kernel import clock
from crinale.kernel.errors import CrinaleError, NotVisible
from crinale.spine import jobs
from crinale.spine.protocol import actions, queries
from crinale.spine.protocol.actions.deposits import ForeignReport, NothingToRepeat
from crinale.spine.protocol.jobs import bring_to_preservation
from crinale.spine.protocol.models import DailyDeposit, DailyManifest
from crinale.spine.protocol.ports import deposit, seal_keys
from crinale.spine.protocol.tests.town import SYSTEM, Keys, Town, seal_key
from crinale.spine.records import queries as records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from crinale.spine.protocol.register_views import DayStanding
    from crinale.spine.protocol.views import DailyRegisterView

MANIFEST = "{urn:crinale:registro-giornaliero:1}"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
ONE_DAY = timedelta(days=1)
FIRST = date(2026, 11, 24)
SINCRO = Path(__file__).parents[5] / "../shared/specs/exchange/parer-sacer-xml/ws/xml/usmainRespV2"


@pytest.fixture(autouse=True)
def some_day() -> Iterator[None]:
    with clock.frozen(datetime(2026, 11, 24, 9, tzinfo=UTC)):
        yield


@pytest.fixture
def service() -> Iterator[FakeDeposit]:
    with deposit.replaced(made := FakeDeposit()):
        yield made


def _freeze(town: Town, day: date = FIRST) -> DailyRegisterView:
    with clock.frozen(datetime.combine(day + ONE_DAY, clock.now().time(), tzinfo=UTC)):
        return actions.freeze_daily_register(area_id=town.area_id, day=day)


def _tick(times: int = 1) -> None:
    for _time in range(times):
        bring_to_preservation()
        jobs.drain()


def _standing(day: DailyRegisterView) -> DayStanding:
    return queries.day_standings([day])[day.id]


def _content(document_id: UUID | None) -> bytes:
    assert document_id is not None
    with records.open_document(actor=SYSTEM, document_id=document_id) as stream:
        return stream.read()


def _manifest(day: DailyRegisterView) -> bytes:
    return _content(_standing(day).manifest_document_id)


def test_the_manifest_names_the_files_and_the_day_before(town: Town) -> None:
    town.send()
    days = [_freeze(town, FIRST + passed * ONE_DAY) for passed in range(2)]
    first, second = (etree.fromstring(_manifest(day)) for day in days)
    digests = [one.text for one in first.iter(f"{MANIFEST}File")]
    assert digests == [
        hashlib.sha256(_content(one)).hexdigest()
        for one in (days[0].json_document_id, days[0].pdf_document_id)
    ]
    assert (first.findtext(f"{MANIFEST}PrimoNumero"), first.findtext(f"{MANIFEST}Giorno")) == (
        "1",
        "2026-11-24",
    )
    assert first.find(f"{MANIFEST}ManifestoPrecedente") is None
    assert second.find(f"{MANIFEST}PrimoNumero") is None
    assert second.findtext(f"{MANIFEST}ManifestoPrecedente") == hashlib.sha256(_manifest(days[0])).hexdigest()


def test_the_manifest_follows_its_schema(town: Town) -> None:
    day = _freeze(town)
    schema = etree.XMLSchema(
        etree.fromstring((files("crinale.spine.protocol.schemas") / "daily_manifest.xsd").read_bytes())
    )
    schema.assertValid(etree.fromstring(_manifest(day)))
    changed = _manifest(day).replace(b"<rg:Giorno>2026-11-24", b"<rg:Giorno>ieri")
    assert not schema.validate(etree.fromstring(changed))


@pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="xmlsec1 is not installed")
def test_xmlsec1_accepts_the_seal_of_a_day_and_refuses_a_changed_one(town: Town, tmp_path: Path) -> None:
    xml = _manifest(_freeze(town))
    (tmp_path / "ca.pem").write_bytes(seal_key().certificate.public_bytes(Encoding.PEM))
    (tmp_path / "good.xml").write_bytes(xml)
    (tmp_path / "bad.xml").write_bytes(xml.replace(b"2026-11-24", b"2026-11-23", 1))
    options = ["--trusted-pem", str(tmp_path / "ca.pem"), "--id-attr:Id", f"{XADES}:SignedProperties"]
    options += ["--verification-gmt-time", "2026-11-25+10:00:00"]
    for name, expected in (("good.xml", True), ("bad.xml", False)):
        command = ["xmlsec1", "--verify", *options, str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, check=False, timeout=30)
        assert (done.returncode == 0) is expected, done.stderr


def test_a_remote_seal_is_made_by_the_job_in_the_order_of_the_days(town: Town) -> None:
    with seal_keys.replaced(Keys(seal_key(remote=True))):
        days = [_freeze(town, FIRST + passed * ONE_DAY) for passed in range(3)]
        assert [_standing(day).state for day in days] == ["to_seal"] * 3
        assert not actions.seal_frozen_day(day_id=days[1].id)
        _tick()
    manifests = [DailyManifest.objects.get(day_id=day.id) for day in days]
    assert [one.previous_sha256 for one in manifests] == ["", *(one.sha256 for one in manifests[:2])]
    assert [_standing(day).state for day in days] == ["to_deposit"] * 3
    assert not actions.seal_frozen_days()


class _NoKeys:
    def for_area(self, area_code: str) -> Any:
        raise CrinaleError(area_code)


def test_a_day_is_frozen_also_without_a_key_and_sealed_when_there_is_one(town: Town) -> None:
    with seal_keys.replaced(_NoKeys()):
        first = _freeze(town)
        with pytest.raises(CrinaleError):
            actions.seal_frozen_days()
    second = _freeze(town, FIRST + ONE_DAY)
    assert [_standing(day).state for day in (first, second)] == ["to_seal", "to_seal"]
    _tick()
    assert _standing(second).previous_sha256 == _standing(first).manifest_sha256 != ""


def test_a_day_goes_to_preservation_by_itself_and_its_report_is_kept(
    town: Town, service: FakeDeposit
) -> None:
    town.send()
    day = _freeze(town)
    service.silent = True
    _tick()
    assert _standing(day).state == "sent"
    service.silent = False
    _tick(2)
    found = _standing(day)
    (package,) = service.packages.values()
    assert (found.state, found.overdue, len(found.deposits)) == ("accepted", False, 1)
    assert package.sha256.encode() in _content(found.deposits[0].report_document_id)
    with zipfile.ZipFile(io.BytesIO(package.data)) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    assert packed.pop("PIndex.xml")
    assert set(packed.values()) == {
        _content(one) for one in (day.json_document_id, day.pdf_document_id, found.manifest_document_id)
    }


def test_the_index_of_the_package_follows_sincro(town: Town, service: FakeDeposit) -> None:
    schema = SINCRO / "Unisincro_PIndex.xsd"
    if not schema.exists():
        pytest.skip("the schema of UNI 11386 is not on this machine")
    _freeze(town)
    _tick()
    (package,) = service.packages.values()
    with zipfile.ZipFile(io.BytesIO(package.data)) as archive:
        index = etree.fromstring(archive.read("PIndex.xml"))
    etree.XMLSchema(etree.parse(schema)).assertValid(index)


def test_what_was_refused_waits_for_a_clerk_who_has_it_delivered_again(
    town: Town, service: FakeDeposit
) -> None:
    day = _freeze(town)
    service.refuses = ("Formato non concordato",)
    _tick(2)
    found = _standing(day)
    assert (found.state, found.deposits[0].reasons, len(found.deposits)) == (
        "refused",
        ("Formato non concordato",),
        1,
    )
    with pytest.raises(NotVisible):
        actions.repeat_deposit(actor=town.clerk("reader"), area_id=town.area_id, day=day.day)
    service.refuses = ()
    for _twice in range(2):
        actions.repeat_deposit(actor=town.clerk("protocol_clerk"), area_id=town.area_id, day=day.day)
    jobs.drain()
    _tick()
    found = _standing(day)
    assert [one.state for one in found.deposits] == ["refused", "accepted"]
    assert found.deposits[1].package_name.endswith("2026-11-24-2")
    with pytest.raises(NothingToRepeat):
        actions.repeat_deposit(actor=SYSTEM, area_id=town.area_id, day=day.day)


def test_a_delivery_that_was_not_noted_down_is_made_again_as_it_was(town: Town, service: FakeDeposit) -> None:
    day = _freeze(town)
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.deposit_daily_register(day_id=day.id)
        raise RuntimeError
    before = dict(service.packages)
    with clock.frozen(clock.now() + ONE_DAY):
        assert actions.deposit_daily_register(day_id=day.id)
    assert service.packages == before
    assert not actions.deposit_daily_register(day_id=day.id)


def test_a_report_about_other_bytes_is_not_taken(town: Town, service: FakeDeposit) -> None:
    day = _freeze(town)
    actions.deposit_daily_register(day_id=day.id)
    (name,) = service.packages
    from dataclasses import replace

    service.packages[name] = replace(service.packages[name], data=b"altro")
    row = DailyDeposit.objects.get()
    with pytest.raises(ForeignReport):
        actions.collect_deposit_report(deposit_id=row.id)
    assert _standing(day).state == "sent"


def test_a_day_that_is_not_delivered_in_time_is_overdue(town: Town, service: FakeDeposit) -> None:
    day = _freeze(town)
    service.away = True
    with pytest.raises(ServiceAway):
        actions.deposit_daily_register(day_id=day.id)
    with clock.frozen(clock.now() + ONE_DAY):
        assert (_standing(day).overdue, queries.undelivered_days()) == (False, 0)
    with clock.frozen(clock.now() + 2 * ONE_DAY):
        assert (_standing(day).overdue, queries.undelivered_days()) == (True, 1)
        service.away, service.silent = False, True
        _tick()
        assert (_standing(day).overdue, queries.undelivered_days()) == (False, 0)


def test_a_concluded_delivery_and_a_manifest_stay_as_they_are(town: Town, service: FakeDeposit) -> None:
    _freeze(town)
    _tick(2)
    assert DailyDeposit.objects.get().state == "accepted"
    for statement in (
        "update protocol_dailydeposit set state = 'refused'",
        "update protocol_dailydeposit set package_sha256 = ''",
        "update protocol_dailymanifest set sha256 = ''",
        "delete from protocol_dailydeposit",
        "delete from protocol_dailymanifest",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert service.packages


def test_without_a_service_days_wait(town: Town) -> None:
    day = _freeze(town)
    _tick()
    assert _standing(day).state == "to_deposit"
