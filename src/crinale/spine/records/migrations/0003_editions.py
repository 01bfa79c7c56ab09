"""Editions of the filing plan, kinds of dossiers, sub-dossiers, visibility, documents placed in them."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

GUARDS = """
select crinale_tenant('records_headingsuccession');
select crinale_tenant('records_dossierreader');
select crinale_tenant('records_dossierstep');
select crinale_tenant('records_dossierdocument');
select crinale_append_only('records_filingplan', array['valid_to', 'withdrawn_at']);
select crinale_append_only('records_headingsuccession');
select crinale_append_only('records_dossier', array[
    'metadata', 'closed_at', 'closed_by', 'office_id', 'responsible', 'visibility']);
select crinale_append_only('records_dossierreader', array['removed_at', 'removed_by']);
select crinale_append_only('records_dossierstep');
select crinale_append_only('records_dossierdocument', array[
    'removed_at', 'removed_by', 'removed_by_name', 'moved_to_id']);

create function records_guard_placing() returns trigger
language plpgsql as $$
begin
    if old.removed_at is not null then
        raise exception 'what was taken away stays so' using errcode = 'P0001';
    end if;
    return new;
end $$;
create trigger records_guard_reader before update on records_dossierreader
    for each row execute function records_guard_placing();
create trigger records_guard_document before update on records_dossierdocument
    for each row execute function records_guard_placing();
"""
UNGUARD = """
drop trigger records_guard_document on records_dossierdocument;
drop trigger records_guard_reader on records_dossierreader;
drop function records_guard_placing();
select crinale_append_only('records_dossier', array['metadata', 'closed_at', 'closed_by']);
select crinale_append_only('records_filingplan', array['valid_to']);
delete from tenancy_append_only where table_name in (
    'records_headingsuccession', 'records_dossierreader', 'records_dossierstep', 'records_dossierdocument');
"""


class Migration(migrations.Migration):
    """Make the tables and their guards."""

    dependencies = (("records", "0002_guards"), ("tenancy", "0002_tables"))

    operations = [
        migrations.CreateModel(
            name="DossierDocument",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("added_at", models.DateTimeField()),
                ("added_by", models.UUIDField(null=True)),
                ("added_by_name", models.CharField(max_length=200)),
                ("removed_at", models.DateTimeField(null=True)),
                ("removed_by", models.UUIDField(null=True)),
                ("removed_by_name", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="DossierReader",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("person", models.UUIDField()),
                ("person_name", models.CharField(max_length=200)),
                ("added_at", models.DateTimeField()),
                ("added_by", models.UUIDField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                ("removed_by", models.UUIDField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="DossierStep",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("sequence", models.IntegerField()),
                ("kind", models.CharField(max_length=20)),
                ("reason", models.TextField(blank=True)),
                ("before", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField(null=True)),
                ("by_name", models.CharField(max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="HeadingSuccession",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
            ],
        ),
        migrations.AddField(
            model_name="dossier",
            name="form",
            field=models.CharField(
                choices=[("dossier", "Dossier"), ("sub_dossier", "Sub Dossier"), ("insert", "Insert")],
                db_default="dossier",
                default="dossier",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="dossier",
            name="line",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="dossier",
            name="office",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenancy.office",
            ),
        ),
        migrations.AddField(
            model_name="dossier",
            name="parent",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="records.dossier",
            ),
        ),
        migrations.AddField(
            model_name="dossier",
            name="responsible",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="dossier",
            name="visibility",
            field=models.CharField(
                choices=[("open", "Open"), ("office", "Office"), ("people", "People")],
                db_default="open",
                default="open",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="dossier",
            name="kind",
            field=models.CharField(
                choices=[
                    ("matter", "Matter"),
                    ("activity", "Activity"),
                    ("natural_person", "Natural Person"),
                    ("legal_person", "Legal Person"),
                    ("procedure", "Procedure"),
                ],
                default="matter",
                max_length=40,
            ),
        ),
        migrations.AddField("filingplan", "withdrawn_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            model_name="dossier",
            index=django.contrib.postgres.indexes.GinIndex(fields=["line"], name="records_dossier_line"),
        ),
        migrations.AddIndex(
            model_name="dossier",
            index=models.Index(fields=["area", "classification"], name="records_dossier_heading"),
        ),
        migrations.AddIndex(
            model_name="dossier",
            index=models.Index(
                condition=models.Q(("visibility", "open"), _negated=True),
                fields=["area"],
                name="records_dossier_restricted",
            ),
        ),
        migrations.AddConstraint(
            model_name="dossier",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("form", "dossier"), ("parent", None)),
                    models.Q(("form__in", ("sub_dossier", "insert")), ("parent__isnull", False)),
                    _connector="OR",
                ),
                name="records_dossier_form",
            ),
        ),
        migrations.AddField(
            model_name="dossierdocument",
            name="body",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenancy.body",
            ),
        ),
        migrations.AddField(
            model_name="dossierdocument",
            name="document",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.document"
            ),
        ),
        migrations.AddField(
            model_name="dossierdocument",
            name="dossier",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="documents",
                to="records.dossier",
            ),
        ),
        migrations.AddField(
            model_name="dossierdocument",
            name="moved_to",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.dossier",
            ),
        ),
        migrations.AddField(
            model_name="dossierreader",
            name="body",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenancy.body",
            ),
        ),
        migrations.AddField(
            model_name="dossierreader",
            name="dossier",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="readers",
                to="records.dossier",
            ),
        ),
        migrations.AddField(
            model_name="dossierstep",
            name="body",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenancy.body",
            ),
        ),
        migrations.AddField(
            model_name="dossierstep",
            name="dossier",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="records.dossier",
            ),
        ),
        migrations.AddField(
            model_name="headingsuccession",
            name="body",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenancy.body",
            ),
        ),
        migrations.AddField(
            model_name="headingsuccession",
            name="current",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.classificationentry",
            ),
        ),
        migrations.AddField(
            model_name="headingsuccession",
            name="plan",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="successions",
                to="records.filingplan",
            ),
        ),
        migrations.AddField(
            model_name="headingsuccession",
            name="previous",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.classificationentry",
            ),
        ),
        migrations.AddConstraint(
            model_name="dossierdocument",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at__isnull", True)),
                fields=("dossier", "document"),
                name="records_dossierdocument_once",
            ),
        ),
        migrations.AddIndex(
            model_name="dossierreader",
            index=models.Index(fields=["person"], name="records_dossierreader_person"),
        ),
        migrations.AddConstraint(
            model_name="dossierreader",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at__isnull", True)),
                fields=("dossier", "person"),
                name="records_dossierreader_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="dossierstep",
            constraint=models.UniqueConstraint(
                fields=("dossier", "sequence"), name="records_dossierstep_sequence"
            ),
        ),
        migrations.AddConstraint(
            model_name="headingsuccession",
            constraint=models.UniqueConstraint(
                fields=("previous", "current"), name="records_headingsuccession_once"
            ),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
    ]
