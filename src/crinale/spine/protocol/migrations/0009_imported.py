"""Registrations taken over from an older archive, counters that continue its numbers.

An index finds the confidential registrations, of which there are few.
"""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

GUARDS = """
select crinale_tenant('protocol_archiveimport');
select crinale_tenant('protocol_archivedrow');
select crinale_append_only('protocol_archiveimport');
select crinale_append_only('protocol_archivedrow');
"""


def _id() -> tuple[str, models.Field[Any, Any]]:
    return ("id", models.UUIDField(editable=False, primary_key=True, serialize=False))


def _to(name: str, related: str, **options: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        name, django.db.models.deletion.PROTECT, db_index=False, related_name=related, **options
    )


class Migration(migrations.Migration):
    """Make the tables."""

    dependencies = (("protocol", "0008_registers"),)
    operations = (
        migrations.RemoveConstraint("register", "protocol_register_one_of_a_kind"),
        migrations.AddConstraint(
            "register",
            models.UniqueConstraint(
                condition=~Q(kind="archive"), fields=("area", "kind"), name="protocol_register_one_of_a_kind"
            ),
        ),
        migrations.AlterField(
            "register",
            "kind",
            models.CharField(
                choices=[("ordinary", "Ordinary"), ("emergency", "Emergency"), ("archive", "Archive")],
                default="ordinary",
                max_length=10,
            ),
        ),
        migrations.AddField("counter", "continues_after", models.BigIntegerField(db_default=0)),
        migrations.CreateModel(
            "ArchiveImport",
            [
                _id(),
                ("file_name", models.CharField(max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                ("begun_at", models.DateTimeField()),
                ("by", models.UUIDField(null=True)),
                ("by_name", models.CharField(max_length=200)),
                ("body", _to("tenancy.body", "+")),
                ("register", _to("protocol.register", "imports")),
            ],
        ),
        migrations.AddConstraint(
            "archiveimport",
            models.UniqueConstraint(fields=("register", "sha256"), name="protocol_archiveimport_once"),
        ),
        migrations.CreateModel(
            "ArchivedRow",
            [
                _id(),
                ("line", models.IntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("body", _to("tenancy.body", "+")),
                ("source", _to("protocol.archiveimport", "rows")),
                (
                    "registration",
                    models.OneToOneField(
                        "protocol.registration",
                        django.db.models.deletion.PROTECT,
                        related_name="archived_row",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            "registration",
            models.Index(
                condition=Q(confidential=True), fields=["area", "-id"], name="protocol_registration_secret"
            ),
        ),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
    )
