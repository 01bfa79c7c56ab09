"""Assignments with their course: what they are for, until when, and each step with its author."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

PURPOSES = [("action", "Action"), ("knowledge", "Knowledge")]
STATES = [
    ("waiting", "Waiting"),
    ("taken", "Taken"),
    ("refused", "Refused"),
    ("forwarded", "Forwarded"),
    ("done", "Done"),
    ("withdrawn", "Withdrawn"),
]

# Of what was assigned before there was a course, only the last assignment counted: it waits, unless the
# registration is annulled; whoever assigned anew took the one before away.
FORMER = """
select crinale_tenant('protocol_assignmentstep');
select crinale_append_only('protocol_assignmentstep');
select crinale_append_only('protocol_assignment', array['state', 'taken_by', 'taken_by_name']);

insert into protocol_assignmentstep
    (id, body_id, assignment_id, sequence, kind, text, at, by, by_name, on_behalf_of, on_behalf_of_name)
select gen_random_uuid(), former.body_id, former.id, 1, 'withdrawn', '', later.assigned_at,
    later.assigned_by, later.assigned_by_name, null, ''
from protocol_assignment as former
join protocol_assignment as later
    on later.registration_id = former.registration_id and later.sequence = former.sequence + 1;
insert into protocol_assignmentstep
    (id, body_id, assignment_id, sequence, kind, text, at, by, by_name, on_behalf_of, on_behalf_of_name)
select gen_random_uuid(), last.body_id, last.id, 1, 'done', left(registration.annulment_act, 1000),
    registration.annulled_at, registration.annulled_by, registration.annulled_by_name, null, ''
from protocol_assignment as last
join protocol_registration as registration on registration.id = last.registration_id
where registration.annulled_at is not null
  and not exists (select from protocol_assignmentstep as step where step.assignment_id = last.id);
update protocol_assignment as assignment set state = step.kind
from protocol_assignmentstep as step where step.assignment_id = assignment.id;
"""

GUARDS = """
create function protocol_guard_assignment() returns trigger
language plpgsql as $$
begin
    if (new.state, new.taken_by, new.taken_by_name) is not distinct from
       (old.state, old.taken_by, old.taken_by_name) then
        return new;
    end if;
    if not (old.state = 'waiting' and new.state <> 'waiting'
            or old.state = 'taken' and new.state in ('forwarded', 'done', 'withdrawn')) then
        raise exception 'a settled assignment stays as it is' using errcode = 'P0001';
    end if;
    if not exists (
        select from protocol_assignmentstep as step where step.assignment_id = new.id and step.kind = new.state) then
        raise exception 'an assignment changes only with its step' using errcode = 'P0001';
    end if;
    return new;
end $$;
create trigger protocol_assignment_guard before update on protocol_assignment
    for each row execute function protocol_guard_assignment();
alter table protocol_assignment enable always trigger protocol_assignment_guard;

-- A refused or withdrawn document goes back to the desk: nobody is in charge until it is assigned anew.
do $$
declare
    asked constant text := 'if (new.current_office_id, new.current_person) is distinct from';
    former constant text := pg_get_functiondef('protocol_guard_registration'::regproc);
begin
    if strpos(former, asked) = 0 then
        raise exception 'protocol_guard_registration does not look as expected';
    end if;
    execute replace(former, asked, 'if new.current_office_id is not null and' || substr(asked, 3));
end $$;
create function protocol_guard_charge() returns trigger
language plpgsql as $$
begin
    if new.current_person is not null or exists (
        select from protocol_assignment as assignment
        where assignment.registration_id = new.id and assignment.purpose = 'action'
          and assignment.state in ('waiting', 'taken', 'done')) then
        raise exception 'somebody is in charge of this registration' using errcode = 'P0001';
    end if;
    return new;
end $$;
create trigger protocol_registration_charge before update on protocol_registration for each row
    when (new.current_office_id is null and (old.current_office_id is not null or new.current_person is not null))
    execute function protocol_guard_charge();
alter table protocol_registration enable always trigger protocol_registration_charge;
"""

PLACING = """
select crinale_append_only('protocol_dossieritem', array[
    'removed_at', 'removed_by', 'removed_by_name', 'moved_to_id']);

create function protocol_guard_dossieritem() returns trigger
language plpgsql as $$
begin
    if old.removed_at is not null then
        raise exception 'what was taken out of a dossier stays so' using errcode = 'P0001';
    end if;
    return new;
end $$;
create trigger protocol_guard_dossieritem before update on protocol_dossieritem
    for each row execute function protocol_guard_dossieritem();
"""


class Migration(migrations.Migration):
    """Add the columns, the steps, the guards."""

    dependencies = (
        ("protocol", "0005_registering"),
        ("identity", "0002_second_factor"),
        ("records", "0003_editions"),
    )
    operations = (
        migrations.AddField(
            "assignment", "purpose", models.CharField(choices=PURPOSES, default="action", max_length=9)
        ),
        migrations.AddField("assignment", "deadline", models.DateField(null=True)),
        migrations.AddField(
            "assignment",
            "forwarded_from",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="protocol.assignment",
            ),
        ),
        migrations.AddField(
            "assignment", "state", models.CharField(choices=STATES, default="waiting", max_length=9)
        ),
        migrations.AddField("assignment", "taken_by", models.UUIDField(null=True)),
        migrations.AddField(
            "assignment",
            "taken_by_name",
            models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="AssignmentStep",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("sequence", models.SmallIntegerField()),
                ("kind", models.CharField(choices=STATES, max_length=9)),
                ("text", models.CharField(blank=True, max_length=1000)),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField(null=True)),
                ("by_name", models.CharField(max_length=200)),
                ("on_behalf_of", models.UUIDField(null=True)),
                ("on_behalf_of_name", models.CharField(blank=True, max_length=200)),
                (
                    "assignment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="protocol.assignment",
                    ),
                ),
                (
                    "body",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.body",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("assignment", "sequence"), name="protocol_assignmentstep_sequence"
                    )
                ],
            },
        ),
        migrations.RunSQL(FORMER, migrations.RunSQL.noop),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.AddIndex(
            "assignment",
            models.Index(
                fields=("office", "-assigned_at", "-id"),
                include=("body", "deadline"),
                condition=Q(state__in=("waiting", "taken"), person__isnull=True),
                name="protocol_assignment_of_office",
            ),
        ),
        migrations.AddIndex(
            "assignment",
            models.Index(
                fields=("person", "-assigned_at", "-id"),
                include=("body", "deadline"),
                condition=Q(state__in=("waiting", "taken"), person__isnull=False),
                name="protocol_assignment_of_person",
            ),
        ),
        migrations.AddField("dossieritem", "removed_at", models.DateTimeField(null=True)),
        migrations.AddField("dossieritem", "removed_by", models.UUIDField(null=True)),
        migrations.AddField(
            "dossieritem",
            "removed_by_name",
            models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            "dossieritem",
            "moved_to",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.dossier",
            ),
        ),
        migrations.RemoveConstraint("dossieritem", "protocol_dossieritem_once"),
        migrations.AddConstraint(
            "dossieritem",
            models.UniqueConstraint(
                fields=("registration", "dossier"),
                condition=Q(removed_at__isnull=True),
                name="protocol_dossieritem_once",
            ),
        ),
        migrations.RunSQL(PLACING, migrations.RunSQL.noop),
    )
