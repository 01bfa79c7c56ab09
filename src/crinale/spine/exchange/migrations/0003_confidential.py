"""Whether the document that a message carries is confidential, so that it is kept from those who may not see it.

Of the messages that are there already it follows from their registration; of those without one from the
segnatura that came with them, taken as confidential when it names the element at all or was not kept.
"""

from __future__ import annotations

from django.db import migrations, models

KNOWN = """
alter table exchange_message disable trigger crinale_keep_columns;
update exchange_message as message set confidential = true
    from protocol_registration as registration
    where registration.id = message.registration_id and registration.confidential;
update exchange_message as message set confidential = true
    where message.registration_id is null and not exists (
        select from exchange_parcel as parcel
        where parcel.message_id = message.id and position('Riservato'::bytea in parcel.segnatura) = 0
    );
set constraints all immediate;
alter table exchange_message enable always trigger crinale_keep_columns;
"""


class Migration(migrations.Migration):
    """Add the column and fill it."""

    dependencies = (("exchange", "0002_guards"), ("protocol", "0002_guards"))
    operations = (
        migrations.AddField("message", "confidential", models.BooleanField(default=False)),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    )
