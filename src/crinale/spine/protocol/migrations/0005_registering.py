"""Deferred registration, corrections, links between registrations, the act of an annulment."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

GUARDS = """
select crinale_tenant('protocol_correction');
select crinale_tenant('protocol_link');
select crinale_tenant('protocol_annulmentact');
select crinale_append_only('protocol_correction');
select crinale_append_only('protocol_link', array['removed_at', 'removed_by', 'removed_by_name', 'removal_reason']);
select crinale_append_only('protocol_annulmentact');

create function protocol_guard_link() returns trigger
language plpgsql as $$
begin
    raise exception 'a removed link stays as it was' using errcode = 'P0001';
end $$;
create trigger protocol_link_removed_once before update on protocol_link for each row
    when (old.removed_at is not null) execute function protocol_guard_link();
alter table protocol_link enable always trigger protocol_link_removed_once;

create function protocol_guard_act() returns trigger
language plpgsql as $$
begin
    if not exists (
        select from protocol_registration as registration
        where registration.id = new.registration_id and registration.annulled_at is not null) then
        raise exception 'the act of an annulment comes with the annulment' using errcode = 'P0001';
    end if;
    return new;
end $$;
create trigger protocol_annulmentact_with_annulment before insert on protocol_annulmentact
    for each row execute function protocol_guard_act();
alter table protocol_annulmentact enable always trigger protocol_annulmentact_with_annulment;
"""
REVERSE = """
drop trigger protocol_annulmentact_with_annulment on protocol_annulmentact;
drop trigger protocol_link_removed_once on protocol_link;
drop function protocol_guard_act();
drop function protocol_guard_link();
delete from tenancy_append_only
where table_name in ('protocol_correction', 'protocol_link', 'protocol_annulmentact');
"""


def _body() -> tuple[str, models.Field[object, object]]:
    key = models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="tenancy.body",
    )
    return ("body", key)


def _registration(related_name: str) -> models.ForeignKey[object, object]:
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to="protocol.registration",
    )


class Migration(migrations.Migration):
    """Make the tables and set their guards."""

    dependencies = (
        ("protocol", "0004_departure"),
        ("records", "0003_editions"),
    )
    operations = (
        migrations.AddField(
            "registration", "deferred_act", models.CharField(blank=True, db_default="", max_length=300)
        ),
        migrations.AddField(
            "registration", "deferred_reason", models.CharField(blank=True, db_default="", max_length=1000)
        ),
        migrations.AddConstraint(
            "registration",
            models.CheckConstraint(
                condition=Q(deferred_act="", deferred_reason="")
                | (
                    Q(direction="incoming", arrived_at__isnull=False)
                    & ~Q(deferred_act="")
                    & ~Q(deferred_reason="")
                ),
                name="protocol_registration_deferred_with_act",
            ),
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("sequence", models.SmallIntegerField()),
                ("field", models.CharField(max_length=60)),
                ("before", models.CharField(blank=True, max_length=1000)),
                ("after", models.CharField(blank=True, max_length=1000)),
                ("reason", models.CharField(max_length=1000)),
                ("corrected_at", models.DateTimeField()),
                ("corrected_by", models.UUIDField(null=True)),
                ("corrected_by_name", models.CharField(max_length=200)),
                _body(),
                ("registration", _registration("corrections")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("registration", "sequence"), name="protocol_correction_sequence"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("reply", "Reply"),
                            ("previous", "Previous"),
                            ("related", "Related"),
                            ("integration", "Integration"),
                            ("resent", "Resent"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=1000)),
                ("added_at", models.DateTimeField()),
                ("added_by", models.UUIDField(null=True)),
                ("added_by_name", models.CharField(max_length=200)),
                ("removed_at", models.DateTimeField(null=True)),
                ("removed_by", models.UUIDField(null=True)),
                ("removed_by_name", models.CharField(blank=True, max_length=200)),
                ("removal_reason", models.CharField(blank=True, max_length=1000)),
                _body(),
                ("registration", _registration("links")),
                ("other", _registration("links_here")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(removed_at__isnull=True),
                        fields=("registration", "other", "relation"),
                        name="protocol_link_once",
                    ),
                    models.CheckConstraint(condition=~Q(registration=F("other")), name="protocol_link_other"),
                    models.CheckConstraint(
                        condition=Q(removed_at__isnull=True, removal_reason="")
                        | (Q(removed_at__isnull=False) & ~Q(removal_reason="")),
                        name="protocol_link_removed_with_reason",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["registration", "added_at"], name="protocol_link_from"),
                    models.Index(fields=["other", "added_at"], name="protocol_link_to"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AnnulmentAct",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                _body(),
                (
                    "registration",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="act_of_annulment",
                        to="protocol.registration",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.document",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.RunSQL(GUARDS, REVERSE),
    )
