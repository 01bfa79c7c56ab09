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
alter table search_entry alter column words set statistics 1000;
alter table search_entry set (autovacuum_vacuum_insert_scale_factor = 0.02);

select crinale_tenant('search_entry');
"""

FIND = """
create function crinale_search(
    areas uuid[], words_wanted text, names_wanted text[], year_wanted int, number_wanted bigint,
    with_restricted boolean, before_at timestamptz, before_id uuid, most int
) returns table (
    id uuid, area_id uuid, kind text, year int, number bigint, title text, names text, restricted boolean,
    occurred_at timestamptz
)
language plpgsql stable security definer set search_path = public, pg_temp
as $$
declare
    condition text := '';
begin
    if number_wanted is not null then
        condition := 'entry.number = $5';
        if year_wanted is not null then
            condition := condition || ' and entry.year = $4';
        end if;
    end if;
    if words_wanted is not null then
        condition := concat_ws(' or ', nullif(condition, ''),
            format('entry.words @@ websearch_to_tsquery(''public.crinale_italian'', %L)', words_wanted));
    end if;
    if cardinality(names_wanted) > 0 then
        condition := concat_ws(' or ', nullif(condition, ''), (
            select '(' || string_agg(format('entry.names_plain like %L', pattern), ' and ') || ')'
            from unnest(names_wanted) as pattern));
    end if;
    if before_at is not null then
        condition := format('(%s) and (entry.occurred_at, entry.id) < ($7, $8)', coalesce(nullif(condition, ''), 'true'));
    end if;
    return query execute format($query$
        select found.* from unnest($1) as wanted(area)
        cross join lateral (
            select entry.id, entry.area_id, entry.kind::text, entry.year, entry.number, entry.title, entry.names,
                   entry.restricted, entry.occurred_at
            from search_entry as entry
            where entry.area_id = wanted.area and entry.body_id = crinale_body()
              and ($6 or not entry.restricted) and (%s)
            order by entry.occurred_at desc, entry.id desc
            limit $9
        ) as found
        order by found.occurred_at desc, found.id desc
        limit $9
    $query$, coalesce(nullif(condition, ''), 'true'))
    using areas, words_wanted, names_wanted, year_wanted, number_wanted, with_restricted, before_at, before_id, most;
end $$;
comment on function crinale_search is 'Find entries of the open scope: by number, Italian words, parts of names; newest first.';
"""

REVERSE = """
drop function crinale_search;
drop index search_entry_text;
alter table search_entry drop column words, drop column names_plain;
drop function crinale_plain(text);
drop text search configuration crinale_italian;
"""


class Migration(migrations.Migration):
    """Make the text index."""

    dependencies = (("search", "0001_tables"),)
    operations = (migrations.RunSQL(TEXT + FIND, REVERSE),)
