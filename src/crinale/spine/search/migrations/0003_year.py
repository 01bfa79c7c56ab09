"""Let a search be narrowed to one year inside the database, where narrowing after the newest hits would miss.

``only_year`` comes last and may be left out, so what still asks without it is answered as before. The year of an
entry is that of its ``occurred_at`` in the country, so a range of instants, wide enough for every time zone, spares
the newest-first index the walk through the later years.
"""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

DROP = """
drop function crinale_search;
drop function crinale_search_where;
"""

FIND = """
create function crinale_search_where(
    condition text, recent_first boolean, areas uuid[], with_restricted boolean,
    before_at timestamptz, before_id uuid, most int, only_year int default null
) returns setof search_entry
language plpgsql stable
as $$
declare
    newest constant int := 2000;
    year_begins timestamptz;
    year_ends timestamptz;
    area uuid;
    visible text;
    recent text;
    found_recently int := 0;
    branches text[] := '{}';
begin
    if only_year is not null then
        year_begins := make_timestamptz(greatest(only_year, 1), 1, 1, 0, 0, 0, 'UTC') - interval '1 day';
        year_ends := make_timestamptz(greatest(only_year, 1) + 1, 1, 1, 0, 0, 0, 'UTC') + interval '1 day';
    end if;
    foreach area in array areas loop
        visible := format(
            'select * from search_entry as entry where entry.area_id = %L and entry.body_id = crinale_body()'
            ' and ($1 or not entry.restricted) and ($2 is null or (entry.occurred_at, entry.id) < ($2, $3))'
            ' and ($5 is null or (entry.year = $5 and entry.occurred_at >= $6 and entry.occurred_at < $7))', area);
        recent := format(
            'select * from (%s order by entry.occurred_at desc, entry.id desc limit %s) as entry where (%s) limit $4',
            visible, newest, replace(condition, '{area}', crinale_area_tag(area)));
        if recent_first then
            execute format('select count(*) from (%s) as entry', recent) into found_recently
                using with_restricted, before_at, before_id, most, only_year, year_begins, year_ends;
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
            using with_restricted, before_at, before_id, most, only_year, year_begins, year_ends;
    end if;
end $$;
comment on function crinale_search_where is
    'Runs a condition with the rights of whoever calls: as the owner from crinale_search, under row security otherwise.';

create function crinale_search(
    areas uuid[], year_wanted int, number_wanted bigint, words_wanted text, beginning_wanted text,
    parts_wanted text[], with_restricted boolean, before_at timestamptz, before_id uuid, most int,
    only_year int default null
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
        coalesce(condition, 'true'), number_wanted is null, areas, with_restricted, before_at, before_id, most,
        only_year);
    -- Nothing by whole words: look inside the names. Trigrams cost more, so only then.
    if not found and cardinality(parts_wanted) > 0 and not exists (
        select from crinale_search_where(condition, true, areas, with_restricted, null, null, 1, only_year)
    ) then
        select string_agg(format('entry.names_plain like %L', part), ' and ') into condition
        from unnest(parts_wanted) as part;
        return query select * from crinale_search_where(
            condition, true, areas, with_restricted, before_at, before_id, most, only_year);
    end if;
end $$;
comment on function crinale_search is
    'Find entries of the open scope, newest first: by number, Italian words, else by parts of names; maybe of one year.';
"""

BEFORE = import_module("crinale.spine.search.migrations.0002_text").FIND


class Migration(migrations.Migration):
    """Replace the two functions."""

    dependencies = (("search", "0002_text"),)
    operations = (migrations.RunSQL(DROP + FIND, DROP + "drop function crinale_search_condition;" + BEFORE),)
