"""The SQL functions that every later migration uses: whose rows, and what may never change.

``crinale_body()`` reads the scope, ``crinale_tenant(table)`` isolates a table by it,
``crinale_append_only(table, mutable columns)`` guards a table, ``crinale_grant(role)`` gives the application's role
what it needs and no more.
"""

from __future__ import annotations

from django.db import migrations

BODY = """
create function crinale_body() returns uuid
language sql stable parallel safe
as $$ select nullif(current_setting('crinale.body_id', true), '')::uuid $$;
comment on function crinale_body() is 'The body of the open scope; null when none is open.';
"""

TENANT = """
create function crinale_tenant(isolated regclass) returns void
language plpgsql as $$
begin
    if not exists (
        select from pg_attribute
        where attrelid = isolated and attname = 'body_id' and atttypid = 'uuid'::regtype and attnotnull
    ) then
        raise exception '% has no column body_id uuid not null', isolated;
    end if;
    execute format('alter table %s enable row level security', isolated);
    execute format('drop policy if exists tenant on %s', isolated);
    execute format(
        'create policy tenant on %s using (body_id = crinale_body()) with check (body_id = crinale_body())', isolated
    );
end $$;
comment on function crinale_tenant(regclass) is 'Isolate a table: its rows are those of the body of the open scope.';
"""

APPEND_ONLY = """
create table tenancy_append_only (
    table_name text primary key,
    mutable text[] not null
);
comment on table tenancy_append_only is 'Tables that only grow, and their columns that may still change.';

create function crinale_refuse_removal() returns trigger
language plpgsql as $$
begin
    raise exception '% is append-only: % is refused', tg_table_name, tg_op
        using errcode = 'P0001', hint = 'What was written stays; write a new row that says what changed.';
end $$;

create function crinale_refuse_change() returns trigger
language plpgsql as $$
declare
    changed text;
begin
    select string_agg(before.key, ', ' order by before.key) into changed
    from jsonb_each(to_jsonb(old) - coalesce(tg_argv::text[], '{}')) as before
    join jsonb_each(to_jsonb(new)) as after using (key)
    where before.value is distinct from after.value;
    if changed is not null then
        raise exception '% is append-only: % may not change', tg_table_name, changed
            using errcode = 'P0001', hint = 'What was written stays; write a new row that says what changed.';
    end if;
    return null;
end $$;

create function crinale_append_only(guarded regclass, mutable text[] default '{}') returns void
language plpgsql as $$
declare
    unknown text;
    arguments text;
begin
    select string_agg(name, ', ') into unknown
    from unnest(mutable) as name
    where not exists (
        select from pg_attribute where attrelid = guarded and attname = name and attnum > 0 and not attisdropped
    );
    if unknown is not null then
        raise exception '% has no column %', guarded, unknown;
    end if;
    select coalesce(string_agg(quote_literal(name), ', '), '') into arguments from unnest(mutable) as name;

    execute format('drop trigger if exists crinale_keep_rows on %s', guarded);
    execute format('drop trigger if exists crinale_keep_table on %s', guarded);
    execute format('drop trigger if exists crinale_keep_columns on %s', guarded);
    execute format('create trigger crinale_keep_rows before delete on %s '
                   'for each row execute function crinale_refuse_removal()', guarded);
    execute format('create trigger crinale_keep_table before truncate on %s '
                   'for each statement execute function crinale_refuse_removal()', guarded);
    execute format('create trigger crinale_keep_columns after update on %s '
                   'for each row execute function crinale_refuse_change(%s)', guarded, arguments);
    execute format('alter table %s enable always trigger crinale_keep_rows', guarded);
    execute format('alter table %s enable always trigger crinale_keep_table', guarded);
    execute format('alter table %s enable always trigger crinale_keep_columns', guarded);

    insert into tenancy_append_only (table_name, mutable) values (guarded::text, mutable)
        on conflict (table_name) do update set mutable = excluded.mutable;
end $$;
comment on function crinale_append_only(regclass, text[]) is
    'Refuse DELETE, TRUNCATE and the UPDATE of any column not listed, for every role, the owner included.';
"""

GRANT = """
create function crinale_grant(application name) returns void
language plpgsql as $$
declare
    relation record;
    allowed text;
begin
    execute format('grant usage on schema public to %I', application);
    execute format('grant usage, select on all sequences in schema public to %I', application);
    for relation in
        select pg_class.oid::regclass as name, pg_class.relname, guard.mutable
        from pg_class left join tenancy_append_only as guard on guard.table_name = pg_class.oid::regclass::text
        where pg_class.relnamespace = 'public'::regnamespace and pg_class.relkind in ('r', 'p')
    loop
        allowed := case
            when relation.relname in ('django_migrations', 'tenancy_append_only', 'crinale_migrated') then 'select'
            when relation.mutable is null then 'select, insert, update, delete'
            when cardinality(relation.mutable) > 0 then 'select, insert, update'
            else 'select, insert'
        end;
        execute format('revoke all on %s from %I', relation.name, application);
        execute format('grant %s on %s to %I', allowed, relation.name, application);
    end loop;
    -- Only our own functions: those of extensions belong to the server, and everybody may call them.
    for relation in
        select pg_proc.oid::regprocedure as name from pg_proc
        where pronamespace = 'public'::regnamespace and proowner = current_user::regrole and prokind <> 'a'
    loop
        execute format('grant execute on routine %s to %I', relation.name, application);
    end loop;
end $$;
comment on function crinale_grant(name) is
    'Give the application role what it needs on every table, after each migration; nothing may remove what only grows.';
"""

REVERSE = """
drop function crinale_grant(name);
drop function crinale_append_only(regclass, text[]);
drop function crinale_refuse_change();
drop function crinale_refuse_removal();
drop table tenancy_append_only;
drop function crinale_tenant(regclass);
drop function crinale_body();
"""


class Migration(migrations.Migration):
    """Make the functions."""

    initial = True
    dependencies = ()
    operations = (migrations.RunSQL(BODY + TENANT + APPEND_ONLY + GRANT, REVERSE),)
