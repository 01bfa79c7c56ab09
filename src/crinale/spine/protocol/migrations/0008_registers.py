"""Sealed and deposited daily registers; copies of the register that are being written."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

GUARDS = """
select crinale_tenant('protocol_dailymanifest');
select crinale_tenant('protocol_dailydeposit');
select crinale_tenant('protocol_registerexport');
select crinale_tenant('protocol_exportpart');
select crinale_append_only('protocol_dailymanifest');
select crinale_append_only('protocol_dailydeposit',
    array['state', 'concluded_at', 'reasons', 'report_document_id']);

create function protocol_guard_deposit() returns trigger
language plpgsql as $$
begin
    raise exception 'a concluded deposit stays as it was' using errcode = 'P0001';
end $$;
create trigger protocol_dailydeposit_once before update on protocol_dailydeposit for each row
    when (old.state <> 'sent') execute function protocol_guard_deposit();
alter table protocol_dailydeposit enable always trigger protocol_dailydeposit_once;
"""
UNGUARD = """
drop trigger protocol_dailydeposit_once on protocol_dailydeposit;
drop function protocol_guard_deposit();
delete from tenancy_append_only where table_name in ('protocol_dailymanifest', 'protocol_dailydeposit');
"""
PROTECT = django.db.models.deletion.PROTECT


def _id() -> tuple[str, models.Field[object, object]]:
    return ("id", models.UUIDField(editable=False, primary_key=True, serialize=False))


def _key(to: str, **options: object) -> models.ForeignKey[object, object]:
    wanted = {"db_index": False, "on_delete": PROTECT, "related_name": "+", **options}
    return models.ForeignKey(to=to, **wanted)  # type: ignore[arg-type]


class Migration(migrations.Migration):
    """Make the tables and set their guards."""

    dependencies = (
        ("protocol", "0007_address_book"),
        ("records", "0003_editions"),
    )
    operations = (
        migrations.CreateModel(
            "DailyManifest",
            [
                _id(),
                ("sha256", models.CharField(max_length=64)),
                ("previous_sha256", models.CharField(blank=True, max_length=64)),
                ("certificate_sha256", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
                ("body", _key("tenancy.body")),
                (
                    "day",
                    models.OneToOneField(
                        on_delete=PROTECT, related_name="manifest", to="protocol.dailyregister"
                    ),
                ),
                ("document", _key("records.document")),
            ],
        ),
        migrations.CreateModel(
            "DailyDeposit",
            [
                _id(),
                ("sequence", models.IntegerField()),
                ("package_name", models.CharField(max_length=120)),
                ("package_sha256", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[("sent", "Sent"), ("accepted", "Accepted"), ("refused", "Refused")],
                        max_length=10,
                    ),
                ),
                ("receipt", models.CharField(blank=True, max_length=200)),
                ("sent_at", models.DateTimeField()),
                ("concluded_at", models.DateTimeField(null=True)),
                ("reasons", models.JSONField(default=list)),
                ("body", _key("tenancy.body")),
                ("day", _key("protocol.dailyregister", related_name="deposits")),
                ("report_document", _key("records.document", null=True)),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(
                        fields=("day", "sequence"), name="protocol_dailydeposit_sequence"
                    ),
                    models.UniqueConstraint(
                        condition=~Q(state="refused"), fields=("day",), name="protocol_dailydeposit_one"
                    ),
                ),
                "indexes": [
                    models.Index(
                        condition=Q(state="sent"), fields=["body"], name="protocol_dailydeposit_sent"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            "RegisterExport",
            [
                _id(),
                ("person", models.UUIDField()),
                ("person_name", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=4)),
                ("narrowed", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("ready", "Ready"), ("failed", "Failed")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("written", models.IntegerField(default=0)),
                ("total", models.IntegerField()),
                ("file_name", models.CharField(max_length=120)),
                ("media_type", models.CharField(max_length=100)),
                ("size", models.BigIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("body", _key("tenancy.body")),
                ("area", _key("tenancy.area")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["body", "person", "-asked_at"], name="protocol_export_asked")
                ]
            },
        ),
        migrations.CreateModel(
            "ExportPart",
            [
                _id(),
                ("sequence", models.IntegerField()),
                ("data", models.BinaryField()),
                ("body", _key("tenancy.body")),
                (
                    "export",
                    _key(
                        "protocol.registerexport",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                    ),
                ),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(
                        fields=("export", "sequence"), name="protocol_exportpart_sequence"
                    ),
                )
            },
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
    )
