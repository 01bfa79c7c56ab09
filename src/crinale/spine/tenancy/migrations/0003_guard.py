"""Look at the columns of a changed row one by one only where some column that may not change did."""

from __future__ import annotations

from django.db import migrations

GUARD = """
create or replace function crinale_refuse_change() returns trigger
language plpgsql as $$
declare
    mutable text[] := coalesce(tg_argv::text[], '{}');
    kept_before jsonb := to_jsonb(old) - mutable;
    kept_after jsonb := to_jsonb(new) - mutable;
    changed text;
begin
    if kept_before is distinct from kept_after then
        select string_agg(before.key, ', ' order by before.key) into changed
        from jsonb_each(kept_before) as before join jsonb_each(kept_after) as after using (key)
        where before.value is distinct from after.value;
        raise exception '% is append-only: % may not change', tg_table_name, changed
            using errcode = 'P0001', hint = 'What was written stays; write a new row that says what changed.';
    end if;
    return null;
end $$;
"""


class Migration(migrations.Migration):
    """Make the guard of rows that stay cheaper; it refuses what it refused."""

    dependencies = (("tenancy", "0002_tables"),)
    operations = (migrations.RunSQL(GUARD, migrations.RunSQL.noop),)
