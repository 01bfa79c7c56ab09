"""A function that says since when a fact waits to be sealed, for the doctor, who sees no other body's facts."""

from __future__ import annotations

from django.db import migrations

WAITING_SINCE = """
create function audit_waiting_since() returns timestamptz
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    highest bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
    packed bytea;
    last_txid bigint;
    last_id bigint;
    since timestamptz;
begin
    -- What a batch says of itself is not believed: the newest one that holds a fact that is there.
    for packed in select batch.entries || ''::bytea from audit_batch as batch
        where length(batch.entries) >= 48 order by batch.number desc
    loop
        select max(fact.txid), max(fact.id) into last_txid, last_id
        from (
            select ('x' || encode(substr(packed, start, 8), 'hex'))::bit(64)::bigint as id,
                ('x' || encode(substr(packed, start + 8, 8), 'hex'))::bit(64)::bigint as txid
            from generate_series(1, length(packed) - 47, 48) as start
        ) as entry
        join audit_fact as fact on fact.id = entry.id and fact.txid = entry.txid;
        exit when last_id is not null;
    end loop;
    -- A transaction is as old as its youngest fact: those of a body that moved here are older than their arrival.
    if coalesce(last_txid, 0) < highest then
        select min(written.at) into since from (
            select max(fact.at) as at from audit_fact as fact
            where fact.txid > coalesce(last_txid, 0) group by fact.txid
        ) as written;
    else
        -- A dump restored into a new cluster, where transactions count from the start again.
        select min(written.at) into since from (
            select max(fact.at) as at from audit_fact as fact where fact.id > last_id group by fact.txid
        ) as written;
    end if;
    return since;
end $$;
comment on function audit_waiting_since() is
    'When the oldest fact was written that waits to be sealed; nothing when none does.';
"""


class Migration(migrations.Migration):
    """Make the function."""

    dependencies = [
        ("audit", "0001_tables"),
    ]

    operations = [
        migrations.RunSQL(WAITING_SINCE, "drop function audit_waiting_since()"),
    ]
