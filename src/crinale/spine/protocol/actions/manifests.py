"""Seal the manifests of frozen days, each with the digest of the one before (AgID guidelines 3.1.6).

A local seal is made while the day is frozen. A remote one, or one whose key was not there then, is made by a
job; days are always sealed in their order, so that they chain.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import CrinaleError
from crinale.spine import audit
from crinale.spine.identity import Actor
from crinale.spine.protocol import facts
from crinale.spine.protocol.models import DailyManifest, DailyRegister, Register
from crinale.spine.protocol.ports import is_remote, seal_keys
from crinale.spine.protocol.rules.manifest import DayContent, ManifestFile, PreviousManifest, daily_manifest
from crinale.spine.records.actions import store_document
from crinale.spine.records.signatures.xades import seal

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.records.signatures.keys import SealKey

_SYSTEM = "protocol"


def days_wait_for_seal() -> bool:
    """Say whether a frozen day of the open scope has no sealed manifest."""
    return DailyRegister.objects.filter(manifest=None).exists()


def seal_frozen_days(*, most: int = 31) -> int:
    """Seal the frozen days of the open scope that wait for it, in their order; return how many.

    :raises CrinaleError: when an area has no key, or its service does not answer.
    """
    done = 0
    waiting = DailyRegister.objects.filter(manifest=None).order_by("register_id", "day")
    for day_id in list(waiting.values_list("id", flat=True)[:most]):
        done += seal_frozen_day(day_id=day_id)
    return done


def seal_frozen_day(*, day_id: UUID) -> bool:
    """Seal a frozen day; return False when it is sealed already, or an earlier day must be sealed first."""
    day = _day(day_id)
    if not _is_next(day):
        return False
    return _seal(day, seal_keys.get().for_area(day.register.area.code))


def seal_at_once(day: DailyRegister) -> None:
    """Seal a day while it is frozen, when the key is here and answers without a network."""
    try:
        key = seal_keys.get().for_area(day.register.area.code)
    except CrinaleError:
        return  # the day is frozen all the same; the job asks for the key again and says that it is missing
    if not is_remote(key) and _is_next(day):
        _seal(day, key)


def _day(day_id: UUID) -> DailyRegister:
    related = ("register__area__body", "json_document", "pdf_document")
    return DailyRegister.objects.select_related(*related).get(id=day_id)


def _is_next(day: DailyRegister) -> bool:
    waiting = DailyRegister.objects.filter(register_id=day.register_id, day__lte=day.day, manifest=None)
    return waiting.order_by("day").values_list("id", flat=True).first() == day.id


def _previous(day: DailyRegister) -> PreviousManifest | None:
    before = DailyManifest.objects.filter(day__register_id=day.register_id, day__day__lt=day.day)
    found = before.order_by("-day__day").values_list("day__day", "sha256").first()
    return PreviousManifest(*found) if found else None


def _seal(day: DailyRegister, key: SealKey) -> bool:
    at, previous, area = clock.now(), _previous(day), day.register.area
    content = DayContent(
        ipa_code=area.body.ipa_code,
        aoo_code=area.code,
        register_code=day.register.code,
        day=day.day,
        registrations=day.registrations,
        first_number=day.first_number,
        last_number=day.last_number,
        files=tuple(
            ManifestFile(one.file_name, one.media_type, one.sha256)
            for one in (day.json_document, day.pdf_document)
        ),
        previous=previous,
    )
    # A remote key is asked here, with no lock held: days that are frozen at once have a local one.
    xml = seal(daily_manifest(content), key=key, signing_time=at)
    with transaction.atomic():
        Register.objects.select_for_update(no_key=True).get(id=day.register_id)
        if not _is_next(day):
            return False
        actor = Actor.system(_SYSTEM)
        stem = day.json_document.file_name.removesuffix(".json")
        stored = store_document(
            actor=actor, file_name=f"{stem}-manifesto.xml", stream=io.BytesIO(xml), acquired=False
        )
        DailyManifest(
            day=day,
            document_id=stored.id,
            sha256=stored.sha256,
            previous_sha256=previous.sha256 if previous else "",
            certificate_sha256=hashlib.sha256(key.certificate.public_bytes(Encoding.DER)).hexdigest(),
            sealed_at=at,
        ).save(force_insert=True)
        audit.write(facts.DailyRegisterSealed(subject_id=day.id, manifest_sha256=stored.sha256), actor=actor)
    return True
