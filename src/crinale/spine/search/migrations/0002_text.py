"""Italian full text and trigrams, apart for each area, and the function that asks them.

Each word is indexed with a tag of its area before it: a word that is common everywhere then costs a search in one
area no more than its own share, however many areas a node serves.

The operators of text search are not leakproof, so row-level security would keep PostgreSQL from using these
indexes: the function runs as the owner and applies the scope (``crinale_body()``) itself.

The functions behind the generated columns have SQL bodies, not texts: so PostgreSQL knows what they need, and a
dump restores them after it.
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
return lower(public.unaccent('public.unaccent'::regdictionary, written));
comment on function crinale_plain(text) is 'Lower case without accents; immutable, since the dictionary is ours.';

create function crinale_area_tag(area uuid) returns text
language sql immutable strict parallel safe
return right(area::text, 6) || '.';
comment on function crinale_area_tag(uuid) is 'What stands before each word of an area; the area itself decides.';

create function crinale_search_words(area uuid, written text) returns tsvector
language sql immutable strict parallel safe
begin atomic
    select coalesce(array_to_tsvector(array_agg(public.crinale_area_tag(area) || word)), '')
    from unnest(tsvector_to_array(to_tsvector('public.crinale_italian'::regconfig, written))) as word;
end;

alter table search_entry
    add column names_plain text generated always as (crinale_plain(names)) stored,
    add column words tsvector generated always as (crinale_search_words(area_id, title || ' ' || names)) stored;

create index search_entry_words on search_entry using gin (words);
create index search_entry_names on search_entry using gin (area_id, names_plain gin_trgm_ops);
alter table search_entry set (autovacuum_vacuum_insert_scale_factor = 0.02);

select crinale_tenant('search_entry');
"""

FIND = """
create function crinale_search_where(
    condition text, recent_first boolean, areas uuid[], with_restricted boolean,
    before_at timestamptz, before_id uuid, most int
) returns setof search_entry
language plpgsql stable
as $$
declare
    newest constant int := 2000;
    area uuid;
    visible text;
    recent text;
    found_recently int := 0;
    branches text[] := '{}';
begin
    foreach area in array areas loop
        visible := format(
            'select * from search_entry as entry where entry.area_id = %L and entry.body_id = crinale_body()'
            ' and ($1 or not entry.restricted) and ($2 is null or (entry.occurred_at, entry.id) < ($2, $3))', area);
        recent := format(
            'select * from (%s order by entry.occurred_at desc, entry.id desc limit %s) as entry where (%s) limit $4',
            visible, newest, replace(condition, '{area}', crinale_area_tag(area)));
        if recent_first then
            execute format('select count(*) from (%s) as entry', recent) into found_recently
                using with_restricted, before_at, before_id, most;
        end if;
        -- What is common is among the newest rows; what is not is rare enough for the index to list all of it.
        branches := branches || case when found_recently >= most then format('(%s)', recent) else format(
            '(with listed as materialized (%s and (%s))'
            ' select * from listed order by occurred_at desc, id desc limit $4)',
            visible, replace(condition, '{area}', crinale_area_tag(area))) end;
    end loop;
    if branches <> '{}' then
        return query execute format('select * from (%s) as found order by occurred_at desc, id desc limit $4',
                                    array_to_string(branches, ' union all '))
            using with_restricted, before_at, before_id, most;
    end if;
end $$;
comment on function crinale_search_where is
    'Runs a condition with the rights of whoever calls: as the owner from crinale_search, under row security otherwise.';

create function crinale_search_condition(query tsquery) returns text
language sql immutable as $$
    select format('entry.words @@ %L::tsquery',
                  regexp_replace(regexp_replace(query::text, '''((?:[^'']|'''')+)''', '''{area}\\1''', 'g'),
                                 '<(?:-|[0-9]+)>', '&', 'g'))
        || case when query::text ~ '<(?:-|[0-9]+)>' then format(
            ' and to_tsvector(''public.crinale_italian'', entry.title || '' '' || entry.names) @@ %L::tsquery', query)
           else '' end
$$;
comment on function crinale_search_condition(tsquery) is
    'The words with the tag of the area; their order, which the index does not keep, is checked on the rows.';

create function crinale_search(
    areas uuid[], year_wanted int, number_wanted bigint, words_wanted text, beginning_wanted text,
    parts_wanted text[], with_restricted boolean, before_at timestamptz, before_id uuid, most int
) returns setof search_entry
language plpgsql stable security definer set search_path = public, pg_temp
as $$
declare
    condition text;
begin
    if number_wanted is not null then
        condition := format('entry.number = %s', number_wanted);
        if year_wanted is not null then
            condition := condition || format(' and entry.year = %s', year_wanted);
        end if;
    end if;
    if words_wanted is not null or beginning_wanted is not null then
        condition := concat_ws(' or ', condition, crinale_search_condition(
            websearch_to_tsquery('public.crinale_italian', coalesce(words_wanted, ''))
            && to_tsquery('public.crinale_italian', coalesce(beginning_wanted || ':*', ''))));
    end if;
    return query select * from crinale_search_where(
        coalesce(condition, 'true'), number_wanted is null, areas, with_restricted, before_at, before_id, most);
    -- Nothing by whole words: look inside the names. Trigrams cost more, so only then.
    if not found and cardinality(parts_wanted) > 0 and not exists (
        select from crinale_search_where(condition, true, areas, with_restricted, null, null, 1)
    ) then
        select string_agg(format('entry.names_plain like %L', part), ' and ') into condition
        from unnest(parts_wanted) as part;
        return query select * from crinale_search_where(
            condition, true, areas, with_restricted, before_at, before_id, most);
    end if;
end $$;
comment on function crinale_search is
    'Find entries of the open scope, newest first: by number, Italian words, else by parts of names.';
"""

REVERSE = """
drop function crinale_search;
drop function crinale_search_condition;
drop function crinale_search_where;
alter table search_entry drop column words, drop column names_plain;
drop function crinale_search_words;
drop function crinale_area_tag;
drop function crinale_plain;
drop text search configuration crinale_italian;
"""


class Migration(migrations.Migration):
    """Make the text index."""

    dependencies = (("search", "0001_tables"),)
    operations = (migrations.RunSQL(TEXT + FIND, REVERSE),)
