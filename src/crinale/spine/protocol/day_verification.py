"""What ``audit verify`` recomputes for the daily registers: each day against its facts, and their chain.

The bytes of the files themselves are read by the section on documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from crinale.spine.protocol.models import DailyManifest, DailyRegister

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.audit import Section

_FACTS = {
    "daily_register.frozen": "select subject_id, payload ->> 'sha256' from audit_fact where kind = %s",
    "daily_register.sealed": (
        "select subject_id, payload ->> 'manifest_sha256' from audit_fact where kind = %s"
    ),
}


def verify_days(section: Section) -> None:
    """Check that days and manifests are as frozen and sealed, each manifest after the one before."""
    frozen, sealed = _told("daily_register.frozen"), _told("daily_register.sealed")
    manifests = {one.day_id: one for one in DailyManifest.across_bodies.select_related("document").iterator()}
    days = DailyRegister.across_bodies.select_related("json_document", "register__area")
    last: dict[UUID, str] = {}
    for day in days.order_by("register_id", "day").iterator():
        section.checked += 1
        where = f"daily register {day.register.code} of {day.register.area.code}, {day.day}"
        if not day.sha256 == day.json_document.sha256 == frozen.get(day.id):
            section.fault(where, "its file is not the one that was frozen")
        manifest = manifests.get(day.id)
        if manifest is None:
            continue
        if not manifest.sha256 == manifest.document.sha256 == sealed.get(day.id):
            section.fault(where, "its manifest is not the one that was sealed")
        if manifest.previous_sha256 != last.get(day.register_id, ""):
            section.fault(where, "its manifest does not follow the one before it")
        last[day.register_id] = manifest.sha256


def _told(kind: str) -> dict[UUID, str]:
    with connection.cursor() as cursor:
        cursor.execute(_FACTS[kind], [kind])
        return dict(cursor.fetchall())
