"""Registers that left for another node give no number here any more: two nodes would give the same ones.

The mark is of this node and does not travel: where the body arrives its registers are open.
"""

from __future__ import annotations

from django.db import migrations

DEPARTURE = """
create table protocol_departure (
    register_id uuid primary key references protocol_register,
    left_at timestamptz not null,
    returned_at timestamptz
);
comment on table protocol_departure is
    'Registers whose body moved to another node; returned_at when the export was not finished and they stayed.';
select crinale_append_only('protocol_departure', array['returned_at']);

create function protocol_refuse_departed() returns trigger
language plpgsql as $$
begin
    if exists (
        select from protocol_departure as departure
        where departure.register_id = new.register_id and departure.returned_at is null
    ) then
        raise exception 'this register moved to another node' using errcode = 'CR002';
    end if;
    return new;
end $$;
create trigger protocol_counter_departed_first before insert on protocol_counter for each row
    when (new.last_number > 0) execute function protocol_refuse_departed();
create trigger protocol_counter_departed before update on protocol_counter for each row
    when (new.last_number <> old.last_number) execute function protocol_refuse_departed();
alter table protocol_counter enable always trigger protocol_counter_departed_first;
alter table protocol_counter enable always trigger protocol_counter_departed;
"""

REVERSE = """
drop trigger protocol_counter_departed on protocol_counter;
drop trigger protocol_counter_departed_first on protocol_counter;
drop function protocol_refuse_departed();
delete from tenancy_append_only where table_name = 'protocol_departure';
drop table protocol_departure;
"""


class Migration(migrations.Migration):
    """Make the table and the triggers."""

    dependencies = (("protocol", "0003_to_assign"),)
    operations = (migrations.RunSQL(DEPARTURE, REVERSE),)
