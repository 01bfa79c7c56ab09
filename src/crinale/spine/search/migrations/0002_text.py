"""Italian full text and trigrams, with the area in the same index, and the function that asks them.

The operators of text search are not leakproof, so row-level security would keep PostgreSQL from using these
indexes: the function runs as the owner and applies the scope (``crinale_body()``) itself.
"""

from __future__ import annotations

from django.db import migrations

TEXT = """
create extension if not exists unaccent;
create extension if not exists pg_trgm;
create extension if not exists btree_gin;

create text search configuration crinale_italian (copy = pg_catalog.italian);
alter text search configuration crinale_italian
    alter mapping for hword, hword_part, word with unaccent, italian_stem;

create function crinale_plain(written text) returns text
language sql immutable strict parallel safe
as $$ select lower(public.unaccent('public.unaccent'::regdictionary, written)) $$;
comment on function crinale_plain(text) is 'Lower case without accents; immutable, since the dictionary is ours.';

alter table search_entry
    add column names_plain text generated always as (crinale_plain(names)) stored,
    add column words tsvector generated always as (
        setweight(to_tsvector('public.crinale_italian', title), 'A')
        || setweight(to_tsvector('public.crinale_italian', names), 'B')
    ) stored;

create index search_entry_text on search_entry
    using gin (area_id, words, names_plain gin_trgm_ops) with (fastupdate = on);
alter table search_entry set (autovacuum_vacuum_insert_scale_factor = 0.02);

select crinale_tenant('search_entry');
"""

FIND = """
create function crinale_search_where(
    condition text, areas uuid[], with_restricted boolean, before_at timestamptz, before_id uuid, most int
) returns setof search_entry
language plpgsql stable security definer set search_path = public, pg_temp
as $$
begin
    return query execute format($query$
        select (found.entry).* from unnest($1) as wanted(area)
        cross join lateral (
            select entry from search_entry as entry
            where entry.area_id = wanted.area and entry.body_id = crinale_body()
              and ($2 or not entry.restricted) and (%s)
              and ($3 is null or (entry.occurred_at, entry.id) < ($3, $4))
            order by entry.occurred_at desc, entry.id desc
            limit $5
        ) as found
        order by (found.entry).occurred_at desc, (found.entry).id desc
        limit $5
    $query$, condition)
    using areas, with_restricted, before_at, before_id, most;
end $$;
revoke execute on function crinale_search_where from public;

create function crinale_search(
    areas uuid[], year_wanted int, number_wanted bigint, words_wanted text, beginning_wanted text,
    parts_wanted text[], with_restricted boolean, before_at timestamptz, before_id uuid, most int
) returns setof search_entry
language plpgsql stable security definer set search_path = public, pg_temp
as $$
declare
    query tsquery;
    condition text;
begin
    if number_wanted is not null then
        condition := format('entry.number = %s', number_wanted);
        if year_wanted is not null then
            condition := condition || format(' and entry.year = %s', year_wanted);
        end if;
    end if;
    if words_wanted is not null or beginning_wanted is not null then
        query := websearch_to_tsquery('public.crinale_italian', coalesce(words_wanted, ''))
            && to_tsquery('public.crinale_italian', coalesce(beginning_wanted || ':*', ''));
        condition := concat_ws(' or ', condition, format('entry.words @@ %L::tsquery', query));
    end if;
    return query select * from crinale_search_where(
        coalesce(condition, 'true'), areas, with_restricted, before_at, before_id, most);
    -- Nothing by whole words: look inside the names. Trigrams cost more, so only then.
    if not found and cardinality(parts_wanted) > 0 and not exists (
        select from crinale_search_where(condition, areas, with_restricted, null, null, 1)
    ) then
        select string_agg(format('entry.names_plain like %L', part), ' and ') into condition
        from unnest(parts_wanted) as part;
        return query select * from crinale_search_where(
            condition, areas, with_restricted, before_at, before_id, most);
    end if;
end $$;
comment on function crinale_search is
    'Find entries of the open scope, newest first: by number, Italian words, else by parts of names.';
"""

REVERSE = """
drop function crinale_search;
drop function crinale_search_where;
drop index search_entry_text;
alter table search_entry drop column words, drop column names_plain;
drop function crinale_plain(text);
drop text search configuration crinale_italian;
"""


class Migration(migrations.Migration):
    """Make the text index."""

    dependencies = (("search", "0001_tables"),)
    operations = (migrations.RunSQL(TEXT + FIND, REVERSE),)
