"""Correspondents with their history, and groups of them.

Two indexes on the parties of registrations find the earlier correspondence of an address or a tax code.
"""

from __future__ import annotations

from typing import Any

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

GUARDS = """
select crinale_tenant('protocol_correspondent');
select crinale_tenant('protocol_correspondentversion');
select crinale_tenant('protocol_correspondentgroup');
select crinale_tenant('protocol_groupmember');
select crinale_append_only('protocol_correspondent', array[
    'name', 'data', 'tax_code', 'email', 'ipa_code', 'search_text', 'version', 'merged_into_id', 'closed_at']);
select crinale_append_only('protocol_correspondentversion');
select crinale_append_only('protocol_correspondentgroup', array['name', 'closed_at']);
select crinale_append_only('protocol_groupmember', array['removed_at']);
create index protocol_party_email on protocol_party (body_id, lower(data ->> 'email'), registration_id)
    where data ->> 'email' is not null;
create index protocol_party_tax_code on protocol_party (body_id, (data ->> 'tax_code'), registration_id)
    where data ->> 'tax_code' is not null;
"""
UNGUARD = """
drop index protocol_party_email;
drop index protocol_party_tax_code;
"""


def _id() -> tuple[str, models.Field[Any, Any]]:
    return ("id", models.UUIDField(editable=False, primary_key=True, serialize=False))


def _body() -> tuple[str, models.Field[Any, Any]]:
    return (
        "body",
        models.ForeignKey(
            "tenancy.body", django.db.models.deletion.PROTECT, related_name="+", db_index=False
        ),
    )


class Migration(migrations.Migration):
    """Make the tables."""

    dependencies = (("protocol", "0006_handling"),)
    operations = (
        migrations.CreateModel(
            "Correspondent",
            [
                _id(),
                ("name", models.CharField(max_length=500)),
                ("data", models.JSONField()),
                ("tax_code", models.CharField(blank=True, max_length=16)),
                ("email", models.CharField(blank=True, max_length=254)),
                ("ipa_code", models.CharField(blank=True, max_length=50)),
                ("search_text", models.TextField()),
                ("version", models.IntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                _body(),
                (
                    "merged_into",
                    models.ForeignKey(
                        "protocol.correspondent",
                        django.db.models.deletion.PROTECT,
                        null=True,
                        related_name="absorbed",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "correspondent",
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(closed_at__isnull=False),
                name="protocol_correspondent_merged_is_closed",
            ),
        ),
        migrations.AddIndex(
            "correspondent",
            django.contrib.postgres.indexes.GinIndex(
                fields=("search_text",), name="protocol_correspondent_search", opclasses=("gin_trgm_ops",)
            ),
        ),
        migrations.AddIndex(
            "correspondent", models.Index(fields=["body", "name"], name="protocol_correspondent_name")
        ),
        migrations.AddIndex(
            "correspondent",
            models.Index(
                condition=~Q(tax_code=""), fields=["body", "tax_code"], name="protocol_correspondent_tax"
            ),
        ),
        migrations.AddIndex(
            "correspondent",
            models.Index(
                condition=~Q(email=""), fields=["body", "email"], name="protocol_correspondent_email"
            ),
        ),
        migrations.CreateModel(
            "CorrespondentVersion",
            [
                _id(),
                ("sequence", models.IntegerField()),
                ("name", models.CharField(max_length=500)),
                ("data", models.JSONField()),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField(null=True)),
                ("by_name", models.CharField(max_length=200)),
                _body(),
                (
                    "correspondent",
                    models.ForeignKey(
                        "protocol.correspondent",
                        django.db.models.deletion.PROTECT,
                        db_index=False,
                        related_name="versions",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "correspondentversion",
            models.UniqueConstraint(
                fields=("correspondent", "sequence"), name="protocol_correspondentversion_sequence"
            ),
        ),
        migrations.CreateModel(
            "CorrespondentGroup",
            [
                _id(),
                ("name", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                _body(),
                (
                    "area",
                    models.ForeignKey(
                        "tenancy.area", django.db.models.deletion.PROTECT, db_index=False, related_name="+"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "correspondentgroup",
            models.UniqueConstraint(
                condition=Q(closed_at__isnull=True),
                fields=("area", "name"),
                name="protocol_correspondentgroup_name",
            ),
        ),
        migrations.CreateModel(
            "GroupMember",
            [
                _id(),
                ("added_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                _body(),
                (
                    "group",
                    models.ForeignKey(
                        "protocol.correspondentgroup",
                        django.db.models.deletion.PROTECT,
                        db_index=False,
                        related_name="members",
                    ),
                ),
                (
                    "correspondent",
                    models.ForeignKey(
                        "protocol.correspondent",
                        django.db.models.deletion.PROTECT,
                        db_index=False,
                        related_name="+",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "groupmember",
            models.UniqueConstraint(
                condition=Q(removed_at__isnull=True),
                fields=("group", "correspondent"),
                name="protocol_groupmember_once",
            ),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
    )
