"""Whose rows, and what may never change.

Of a message only the columns that follow from its receipts change, in the one place that appends receipts; receipts,
parcels and signed envelopes only grow; of an incident only its handling.
"""

from __future__ import annotations

from django.db import migrations

TENANTS = """
select crinale_tenant('exchange_message');
select crinale_tenant('exchange_parcel');
select crinale_tenant('exchange_wiremessage');
select crinale_tenant('exchange_receipt');
select crinale_tenant('exchange_incident');
"""

APPEND_ONLY = """
select crinale_append_only('exchange_message', array[
    'registration_id', 'recipient_identifier', 'accepted_at', 'state', 'errand', 'annulment', 'at_door', 'notified', 'stuck', 'escalated', 'receipts_count',
    'failures', 'first_failure_at', 'next_attempt_at', 'confirmation_due_at', 'noted_at', 'noted_by'
]);
select crinale_append_only('exchange_parcel');
select crinale_append_only('exchange_wiremessage');
select crinale_append_only('exchange_receipt');
select crinale_append_only('exchange_incident', array[
    'workaround', 'restore_expected_at', 'closed_at', 'closed_by', 'closing_note'
]);
select crinale_append_only('exchange_indexedition');
"""

# What a message once knows it keeps: its registration, the number it got, the instant of its acceptance.
ONCE = """
create function exchange_refuse_rewriting() returns trigger
language plpgsql as $$
begin
    raise exception 'exchange_message %: what is known of a message stays', old.id using errcode = 'P0001';
end $$;
create trigger exchange_message_once before update on exchange_message for each row
    when ((old.registration_id is not null and new.registration_id is distinct from old.registration_id)
       or (old.recipient_identifier is not null
           and new.recipient_identifier is distinct from old.recipient_identifier)
       or (old.accepted_at is not null and new.accepted_at is distinct from old.accepted_at)
       or new.receipts_count < old.receipts_count)
    execute function exchange_refuse_rewriting();
alter table exchange_message enable always trigger exchange_message_once;
"""


class Migration(migrations.Migration):
    """Set the guards."""

    dependencies = (("exchange", "0001_tables"),)
    operations = (
        migrations.RunSQL(TENANTS + APPEND_ONLY, migrations.RunSQL.noop),
        migrations.RunSQL(ONCE, migrations.RunSQL.noop),
    )
