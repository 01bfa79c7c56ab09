"""The counter, and what the database itself refuses: changed registrations, undone annulments, late additions.

The rules are those of DPR 445/2000 art. 53, 54 and 57 and of section 3.1 of the AgID guidelines.
"""

from __future__ import annotations

from django.db import migrations

TENANTS = """
select crinale_tenant('protocol_register');
select crinale_tenant('protocol_counter');
select crinale_tenant('protocol_registration');
select crinale_tenant('protocol_party');
select crinale_tenant('protocol_enclosure');
select crinale_tenant('protocol_segnatura');
select crinale_tenant('protocol_waitingseal');
select crinale_tenant('protocol_assignment');
select crinale_tenant('protocol_classificationchange');
select crinale_tenant('protocol_dossieritem');
select crinale_tenant('protocol_dailyregister');
select crinale_tenant('protocol_emergencyperiod');
select crinale_tenant('protocol_emergencyact');
select crinale_tenant('protocol_emergencytotal');
select crinale_tenant('protocol_emergencyentry');
"""

APPEND_ONLY = """
select crinale_append_only('protocol_register', array['name']);
select crinale_append_only('protocol_counter', array['last_number', 'last_at']);
select crinale_append_only('protocol_registration', array[
    'state', 'current_classification_id', 'current_office_id', 'current_person',
    'annulled_at', 'annulled_by', 'annulled_by_name', 'annulment_act', 'annulment_reason']);
select crinale_append_only('protocol_party');
select crinale_append_only('protocol_enclosure');
select crinale_append_only('protocol_segnatura');
select crinale_append_only('protocol_assignment');
select crinale_append_only('protocol_classificationchange');
select crinale_append_only('protocol_dossieritem');
select crinale_append_only('protocol_dailyregister');
select crinale_append_only('protocol_emergencyperiod', array['restored_at', 'closed_at', 'closed_by', 'closed_by_name']);
select crinale_append_only('protocol_emergencyact');
select crinale_append_only('protocol_emergencytotal');
select crinale_append_only('protocol_emergencyentry');
"""

COUNTER = """
alter table protocol_counter set (fillfactor = 10);

create function protocol_take_number(
    wanted_register uuid, wanted_year int, at timestamptz, out number bigint, out registered_at timestamptz
)
language plpgsql as $$
begin
    update protocol_counter as counter
    set last_number = counter.last_number + 1, last_at = greatest(counter.last_at, at)
    where counter.register_id = wanted_register and counter.year = wanted_year
    returning counter.last_number, counter.last_at into number, registered_at;
    if not found then
        insert into protocol_counter as counter (id, body_id, register_id, year, last_number, last_at)
        select gen_random_uuid(), register.body_id, register.id, wanted_year, 1, at
        from protocol_register as register where register.id = wanted_register
        on conflict (register_id, year) do update
            set last_number = counter.last_number + 1, last_at = greatest(counter.last_at, at)
        returning counter.last_number, counter.last_at into number, registered_at;
        if not found then
            raise exception 'no such register' using errcode = 'P0002';
        end if;
    end if;
    if extract(year from registered_at at time zone 'Europe/Rome') <> wanted_year then
        raise exception 'the year % of this register is closed', wanted_year using errcode = 'CR001';
    end if;
end $$;
comment on function protocol_take_number(uuid, int, timestamptz) is
    'Take the next number and its instant, never before the previous one; holds the counter until the commit.';

create function protocol_close_day(wanted_register uuid, wanted_year int, day_end timestamptz) returns bigint
language plpgsql as $$
declare
    reached bigint;
begin
    insert into protocol_counter as counter (id, body_id, register_id, year, last_number, last_at)
    select gen_random_uuid(), register.body_id, register.id, wanted_year, 0, day_end
    from protocol_register as register where register.id = wanted_register
    on conflict (register_id, year) do update set last_at = greatest(counter.last_at, day_end)
    returning counter.last_number into reached;
    return reached;
end $$;
comment on function protocol_close_day(uuid, int, timestamptz) is
    'Wait for registrations under way and let none come before day_end any more; holds the counter.';

create function protocol_guard_counter() returns trigger
language plpgsql as $$
begin
    raise exception 'a counter never goes back' using errcode = 'P0001';
end $$;
create trigger protocol_counter_forward before update on protocol_counter for each row
    when (new.last_number < old.last_number or new.last_number > old.last_number + 1
          or new.last_at < old.last_at or new.last_at is null)
    execute function protocol_guard_counter();
alter table protocol_counter enable always trigger protocol_counter_forward;
"""

REGISTRATION = """
alter table protocol_registration
    add constraint protocol_registration_legal_date
        check (legal_date = (registered_at at time zone 'Europe/Rome')::date),
    add constraint protocol_registration_legal_year check (year = extract(year from legal_date));

create function protocol_guard_registration() returns trigger
language plpgsql as $$
begin
    if old.annulled_at is not null
       and (new.annulled_at, new.annulled_by, new.annulled_by_name, new.annulment_act, new.annulment_reason)
           is distinct from
           (old.annulled_at, old.annulled_by, old.annulled_by_name, old.annulment_act, old.annulment_reason) then
        raise exception 'an annulment cannot be changed or undone' using errcode = 'P0001';
    end if;
    if new.state is distinct from old.state and not (
        old.state = 'being_sealed' and new.state = 'sealed'
        and exists (select from protocol_segnatura where registration_id = new.id and origin = 'issued')) then
        raise exception 'a registration is sealed once, and only with its segnatura' using errcode = 'P0001';
    end if;
    if new.current_classification_id is distinct from old.current_classification_id and not exists (
        select from protocol_classificationchange as change
        where change.registration_id = new.id and change.previous_id = old.current_classification_id
          and change.classification_id = new.current_classification_id) then
        raise exception 'a classification changes only with its history' using errcode = 'P0001';
    end if;
    if (new.current_office_id, new.current_person) is distinct from (old.current_office_id, old.current_person)
       and not exists (
        select from protocol_assignment as assignment
        where assignment.registration_id = new.id and assignment.office_id = new.current_office_id
          and assignment.person is not distinct from new.current_person) then
        raise exception 'an assignment changes only with its history' using errcode = 'P0001';
    end if;
    return new;
end $$;
create trigger protocol_registration_guard before update on protocol_registration
    for each row execute function protocol_guard_registration();
alter table protocol_registration enable always trigger protocol_registration_guard;

create function protocol_is_own(writer xid) returns boolean
language plpgsql stable as $$
declare
    newest bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
    whole bigint := (newest >> 32 << 32) + writer::text::bigint;
begin
    -- Running transactions may be a little past the snapshot's end; far past means the epoch before.
    if whole > newest + (1::bigint << 31) then
        whole := whole - (1::bigint << 32);
    end if;
    return whole >= 0 and pg_xact_status(whole::text::xid8) is not distinct from 'in progress';
end $$;
comment on function protocol_is_own(xid) is
    'Whether a row that this transaction sees was written by it: what others have in progress cannot be seen.';

create function protocol_refuse_late_part() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if exists (
        select from fresh join protocol_registration as registration on registration.id = fresh.registration_id
        where not protocol_is_own(registration.xmin)
          and not (tg_table_name = 'protocol_segnatura' and registration.state = 'being_sealed')) then
        raise exception 'nothing can be added to a registration after it was made: % is refused', tg_table_name
            using errcode = 'P0001';
    end if;
    return null;
end $$;
comment on function protocol_refuse_late_part() is
    'Parties, documents and segnatura enter in the transaction of their registration, or not at all.';
create trigger protocol_party_in_time after insert on protocol_party
    referencing new table as fresh for each statement execute function protocol_refuse_late_part();
create trigger protocol_enclosure_in_time after insert on protocol_enclosure
    referencing new table as fresh for each statement execute function protocol_refuse_late_part();
create trigger protocol_segnatura_in_time after insert on protocol_segnatura
    referencing new table as fresh for each statement execute function protocol_refuse_late_part();
alter table protocol_party enable always trigger protocol_party_in_time;
alter table protocol_enclosure enable always trigger protocol_enclosure_in_time;
alter table protocol_segnatura enable always trigger protocol_segnatura_in_time;

create function protocol_guard_period() returns trigger
language plpgsql as $$
begin
    raise exception 'a closed emergency stays as it was' using errcode = 'P0001';
end $$;
create trigger protocol_emergencyperiod_once before update on protocol_emergencyperiod for each row
    when (old.closed_at is not null) execute function protocol_guard_period();
alter table protocol_emergencyperiod enable always trigger protocol_emergencyperiod_once;
"""


class Migration(migrations.Migration):
    """Set the guards."""

    dependencies = (("protocol", "0001_tables"),)
    operations = (
        migrations.RunSQL(TENANTS + APPEND_ONLY, migrations.RunSQL.noop),
        migrations.RunSQL(COUNTER, migrations.RunSQL.noop),
        migrations.RunSQL(REGISTRATION, migrations.RunSQL.noop),
    )
