"""Second factors, posts and who holds them, grants by office, absences."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

NO_OVERLAP = """
alter table identity_incumbency add constraint identity_incumbency_no_overlap
    exclude using gist (post_id with =, daterange(valid_from, valid_to) with &&);
"""
REVERSE = "alter table identity_incumbency drop constraint identity_incumbency_no_overlap"
PERSON = "identity.person"


def _identifier() -> tuple[str, models.UUIDField[str, str]]:
    return "id", models.UUIDField(editable=False, primary_key=True, serialize=False)


def _reference(to: str, *, name: str = "+", null: bool = False) -> models.ForeignKey[object, object]:
    return models.ForeignKey(
        blank=null, null=null, on_delete=django.db.models.deletion.PROTECT, related_name=name, to=to
    )


def _owner(name: str) -> tuple[str, models.ForeignKey[object, object]]:
    return "person", models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name=name, to=PERSON
    )


COLUMNS = (
    migrations.AddField("person", "left_on", models.DateField(blank=True, null=True)),
    migrations.AddField("person", "session_series", models.PositiveIntegerField(default=0)),
    migrations.AddField("grant", "office", _reference("tenancy.office", null=True)),
    migrations.AddField("grant", "confirmed_at", models.DateTimeField(blank=True, null=True)),
    migrations.AddField("grant", "confirmed_by", _reference(PERSON, null=True)),
    migrations.AlterField(
        "signinattempt",
        "outcome",
        models.CharField(
            choices=[
                ("pending", "Pending"),
                ("failed", "Failed"),
                ("delayed", "Delayed"),
                ("succeeded", "Succeeded"),
                ("half", "Half"),
            ],
            default="pending",
            max_length=10,
        ),
    ),
)
POSTS = (
    migrations.CreateModel(
        name="Post",
        fields=[
            _identifier(),
            ("kind", models.CharField(max_length=40)),
            ("title", models.CharField(max_length=300)),
            ("act", models.CharField(blank=True, default="", max_length=300)),
            ("opened_on", models.DateField(blank=True, null=True)),
            ("closed_on", models.DateField(blank=True, null=True)),
            ("body", _reference("tenancy.body")),
            ("office", _reference("tenancy.office", null=True)),
        ],
        options={
            "ordering": ("title",),
            "constraints": [
                models.CheckConstraint(
                    condition=Q(
                        ("closed_on", None),
                        ("opened_on", None),
                        ("closed_on__gt", F("opened_on")),
                        _connector="OR",
                    ),
                    name="identity_post_days",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Incumbency",
        fields=[
            _identifier(),
            ("act", models.CharField(blank=True, default="", max_length=300)),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField(blank=True, null=True)),
            ("person", _reference(PERSON, name="incumbencies")),
            ("post", _reference("identity.post", name="incumbencies")),
        ],
        options={
            "constraints": [
                models.CheckConstraint(
                    condition=Q(("valid_to", None), ("valid_to__gte", F("valid_from")), _connector="OR"),
                    name="identity_incumbency_days",
                )
            ],
        },
    ),
    migrations.RunSQL(NO_OVERLAP, REVERSE),
)
ABSENCES = (
    migrations.CreateModel(
        name="Absence",
        fields=[
            _identifier(),
            ("valid_from", models.DateField()),
            ("valid_to", models.DateField()),
            (
                "reason",
                models.CharField(
                    choices=[
                        ("holiday", "Holiday"),
                        ("leave", "Leave"),
                        ("mission", "Mission"),
                        ("other", "Other"),
                    ],
                    default="other",
                    max_length=10,
                ),
            ),
            ("created_at", models.DateTimeField()),
            ("created_by", _reference(PERSON, null=True)),
            ("person", _reference(PERSON, name="absences")),
            ("substitute", _reference(PERSON, name="substitutions")),
        ],
        options={
            "constraints": [
                models.CheckConstraint(
                    condition=Q(("valid_to__gte", F("valid_from"))), name="identity_absence_days"
                ),
                models.CheckConstraint(
                    condition=Q(("person", F("substitute")), _negated=True),
                    name="identity_absence_of_another",
                ),
            ],
        },
    ),
)
FACTORS = (
    migrations.CreateModel(
        name="Authenticator",
        fields=[
            _identifier(),
            ("name", models.CharField(max_length=100)),
            ("secret", models.TextField()),
            ("last_step", models.BigIntegerField()),
            ("created_at", models.DateTimeField()),
            ("used_at", models.DateTimeField(blank=True, null=True)),
            _owner("authenticators"),
        ],
    ),
    migrations.CreateModel(
        name="Passkey",
        fields=[
            _identifier(),
            ("name", models.CharField(max_length=100)),
            ("credential_id", models.BinaryField(unique=True)),
            ("public_key", models.BinaryField()),
            ("sign_count", models.BigIntegerField()),
            ("created_at", models.DateTimeField()),
            ("used_at", models.DateTimeField(blank=True, null=True)),
            _owner("passkeys"),
        ],
    ),
    migrations.CreateModel(
        name="RecoveryCode",
        fields=[
            _identifier(),
            ("digest", models.CharField(max_length=64, unique=True)),
            ("created_at", models.DateTimeField()),
            ("used_at", models.DateTimeField(blank=True, null=True)),
            _owner("recovery_codes"),
        ],
    ),
)


class Migration(migrations.Migration):
    """Make the columns and tables."""

    dependencies = (
        ("identity", "0001_tables"),
        ("tenancy", "0004_organigram"),
    )
    operations = (*COLUMNS, *POSTS, *ABSENCES, *FACTORS)
