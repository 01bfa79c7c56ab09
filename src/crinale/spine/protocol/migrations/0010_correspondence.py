"""Find the earlier correspondence of an address or a code by an index, for whoever asks under row security.

Functions that are not leakproof, such as ``lower`` and ``->>``, are kept from an index until the policy of
the table has been asked for each row; plain columns are not.
"""

from __future__ import annotations

from django.db import migrations

COLUMNS = """
drop index protocol_party_email;
drop index protocol_party_tax_code;
alter table protocol_party
    add column email_key text generated always as (nullif(lower(data ->> 'email'), '')) stored,
    add column tax_key text generated always as (nullif(data ->> 'tax_code', '')) stored;
create index protocol_party_email_key on protocol_party (body_id, email_key, registration_id)
    where email_key is not null;
create index protocol_party_tax_key on protocol_party (body_id, tax_key, registration_id)
    where tax_key is not null;
"""
BACK = """
alter table protocol_party drop column email_key, drop column tax_key;
create index protocol_party_email on protocol_party (body_id, lower(data ->> 'email'), registration_id)
    where data ->> 'email' is not null;
create index protocol_party_tax_code on protocol_party (body_id, (data ->> 'tax_code'), registration_id)
    where data ->> 'tax_code' is not null;
"""


class Migration(migrations.Migration):
    """Make the columns and their indexes."""

    dependencies = (("protocol", "0009_imported"),)
    operations = (migrations.RunSQL(COLUMNS, BACK),)
