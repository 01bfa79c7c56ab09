"""Offices over time: when they open and close, under which office and by which name on which days."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

PLACES = """
alter table tenancy_office_place add constraint tenancy_office_place_no_overlap
    exclude using gist (office_id with =, daterange(valid_from, valid_to) with &&);
insert into tenancy_office_place (id, body_id, office_id, parent_id, name)
    select gen_random_uuid(), body_id, id, parent_id, name from tenancy_office;
"""
REVERSE = "alter table tenancy_office_place drop constraint tenancy_office_place_no_overlap"


def _reference(to: str, *, name: str = "+", null: bool = False) -> models.ForeignKey[object, object]:
    return models.ForeignKey(
        blank=null, null=null, on_delete=django.db.models.deletion.PROTECT, related_name=name, to=to
    )


class Migration(migrations.Migration):
    """Give offices their days, codes and contacts, and a table of their places."""

    dependencies = (("tenancy", "0003_guard"),)
    operations = (
        migrations.AddField("body", "second_factor_from", models.DateField(blank=True, null=True)),
        migrations.AddField(
            "body", "review_months", models.PositiveSmallIntegerField(db_default=12, default=12)
        ),
        migrations.AddField("office", "ipa_code", models.CharField(blank=True, default="", max_length=6)),
        migrations.AddField("office", "email", models.CharField(blank=True, default="", max_length=254)),
        migrations.AddField("office", "phone", models.CharField(blank=True, default="", max_length=40)),
        migrations.AddField("office", "opened_on", models.DateField(blank=True, null=True)),
        migrations.AddField("office", "closed_on", models.DateField(blank=True, null=True)),
        migrations.AddConstraint(
            "office",
            models.UniqueConstraint(
                fields=("ipa_code",),
                condition=Q(("ipa_code", ""), _negated=True),
                name="tenancy_office_ipa_code",
            ),
        ),
        migrations.AddConstraint(
            "office",
            models.CheckConstraint(
                condition=Q(
                    ("closed_on", None),
                    ("opened_on", None),
                    ("closed_on__gt", F("opened_on")),
                    _connector="OR",
                ),
                name="tenancy_office_days",
            ),
        ),
        migrations.CreateModel(
            name="OfficePlace",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=300)),
                ("valid_from", models.DateField(blank=True, null=True)),
                ("valid_to", models.DateField(blank=True, null=True)),
                ("body", _reference("tenancy.body")),
                ("office", _reference("tenancy.office", name="places")),
                ("parent", _reference("tenancy.office", null=True)),
            ],
            options={
                "db_table": "tenancy_office_place",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            ("valid_to", None),
                            ("valid_from", None),
                            ("valid_to__gt", F("valid_from")),
                            _connector="OR",
                        ),
                        name="tenancy_office_place_days",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            ("parent", None), Q(("parent", F("office")), _negated=True), _connector="OR"
                        ),
                        name="tenancy_office_place_under_another",
                    ),
                ],
            },
        ),
        migrations.RunSQL(PLACES, REVERSE),
    )
