"""``audit verify`` looks at the days of the register, and at the chain of their manifests."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crinale.kernel import clock
from crinale.spine.audit import Section
from crinale.spine.protocol import actions, day_verification
from crinale.spine.protocol.models import DailyManifest, DailyRegister
from crinale.spine.protocol.ports import seal_keys
from crinale.spine.protocol.tests.town import Keys, seal_key

if TYPE_CHECKING:
    import pytest

    from crinale.spine.protocol.tests.town import Town


def found() -> tuple[int, list[str]]:
    section = Section(name="daily registers")
    day_verification.verify_days(section)
    return section.checked, [one.what for one in section.findings]


def freeze(town: Town, days: int) -> None:
    day = clock.today()
    town.receive()
    with clock.frozen(clock.now() + timedelta(days=days)):
        for passed in range(days):
            actions.freeze_daily_register(area_id=town.area_id, day=day + timedelta(days=passed))


def test_frozen_and_sealed_days_are_in_order(town: Town) -> None:
    freeze(town, 3)
    assert DailyManifest.objects.count() == 3
    assert found() == (3, [])


def test_a_day_that_differs_from_its_facts_is_named(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze(town, 2)
    told = day_verification._told
    monkeypatch.setattr(day_verification, "_told", lambda kind: dict.fromkeys(told(kind), "0" * 64))
    assert found() == (
        2,
        [
            "its file is not the one that was frozen",
            "its manifest is not the one that was sealed",
        ]
        * 2,
    )


def test_a_manifest_that_follows_another_one_is_named(town: Town) -> None:
    with seal_keys.replaced(Keys(seal_key(remote=True))):  # nothing is sealed at once
        freeze(town, 2)
    for day in DailyRegister.objects.order_by("day"):
        DailyManifest(
            day=day,
            document_id=day.json_document_id,
            sha256=day.sha256,
            previous_sha256="f" * 64,
            certificate_sha256="",
            sealed_at=clock.now(),
        ).save(force_insert=True)
    assert found()[1].count("its manifest does not follow the one before it") == 2
