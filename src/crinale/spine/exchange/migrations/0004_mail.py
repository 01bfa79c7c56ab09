"""Mailboxes, the mails found in them, and messages that travel by mail.

Mails are append-only but for what became of them. Messages of before travelled by the exchange of Allegato 6,
which is the default of the new column.
"""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

GUARDS = """
select crinale_tenant('exchange_mailbox');
select crinale_tenant('exchange_mailhabit');
select crinale_tenant('exchange_mail');
select crinale_tenant('exchange_mailsighting');
select crinale_append_only('exchange_mail', array[
    'state', 'tied_to_id', 'registration_id', 'reason', 'decided_at', 'decided_by', 'decided_by_name'
]);
select crinale_append_only('exchange_mailsighting', array['settled_at']);
"""

# A mail that was registered stays registered, and with that registration.
ONCE = """
create function exchange_refuse_unregistering() returns trigger
language plpgsql as $$
begin
    raise exception 'exchange_mail %: a registered mail stays registered', old.id using errcode = 'P0001';
end $$;
create trigger exchange_mail_once before update on exchange_mail for each row
    when (old.registration_id is not null
        and (new.registration_id is distinct from old.registration_id or new.state <> old.state))
    execute function exchange_refuse_unregistering();
alter table exchange_mail enable always trigger exchange_mail_once;
"""


class Migration(migrations.Migration):
    """Mailboxes and certified mail."""

    dependencies = (
        ("exchange", "0003_confidential"),
        ("protocol", "0005_registering"),
    )
    operations = (
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("identity", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=20)),
                ("message_id", models.CharField(blank=True, max_length=500)),
                ("outer_message_id", models.CharField(blank=True, max_length=500)),
                ("about", models.CharField(blank=True, max_length=500)),
                ("blob_sha256", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                ("sender_address", models.CharField(blank=True, max_length=254)),
                ("sender_name", models.CharField(blank=True, max_length=300)),
                ("subject", models.CharField(blank=True, max_length=2000)),
                ("sent_at", models.DateTimeField(null=True)),
                ("stored_at", models.DateTimeField()),
                ("content", models.JSONField()),
                ("text", models.TextField(blank=True)),
                ("protocol_name", models.CharField(blank=True, max_length=60)),
                ("protocol_file", models.BinaryField(null=True)),
                (
                    "findings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=500), default=list, size=None
                    ),
                ),
                ("state", models.CharField(max_length=20)),
                ("reason", models.CharField(blank=True, default="", max_length=2000)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.UUIDField(null=True)),
                ("decided_by_name", models.CharField(blank=True, default="", max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("address", models.CharField(max_length=254)),
                ("certified", models.BooleanField()),
                ("imap_host", models.CharField(max_length=253)),
                ("imap_port", models.IntegerField()),
                (
                    "imap_security",
                    models.CharField(
                        choices=[("tls", "TLS"), ("starttls", "STARTTLS"), ("none", "none")], max_length=8
                    ),
                ),
                ("smtp_host", models.CharField(max_length=253)),
                ("smtp_port", models.IntegerField()),
                (
                    "smtp_security",
                    models.CharField(
                        choices=[("tls", "TLS"), ("starttls", "STARTTLS"), ("none", "none")], max_length=8
                    ),
                ),
                ("user_name", models.CharField(max_length=254)),
                ("folder", models.CharField(default="INBOX", max_length=200)),
                (
                    "after_storing",
                    models.CharField(
                        choices=[("keep", "keep"), ("move", "move"), ("delete", "delete")],
                        default="keep",
                        max_length=6,
                    ),
                ),
                ("stored_folder", models.CharField(default="Crinale", max_length=200)),
                ("writes", models.CharField(default="60/2013", max_length=10)),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("uid_validity", models.BigIntegerField(null=True)),
                ("last_uid", models.BigIntegerField(default=0)),
                ("checked_at", models.DateTimeField(null=True)),
                ("failing_since", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, default="", max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="MailHabit",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=7)),
                ("value", models.CharField(max_length=254)),
                ("writes", models.CharField(max_length=10)),
            ],
        ),
        migrations.CreateModel(
            name="MailSighting",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("uid_validity", models.BigIntegerField()),
                ("uid", models.BigIntegerField()),
                ("blob_sha256", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                ("seen_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="message",
            name="exchange_message_recipient",
        ),
        migrations.RemoveConstraint(
            model_name="message",
            name="exchange_message_sent_once",
        ),
        migrations.RemoveConstraint(
            model_name="message",
            name="exchange_message_received_once",
        ),
        migrations.RemoveConstraint(
            model_name="message",
            name="exchange_message_accepted_once",
        ),
        migrations.AddField(
            model_name="message",
            name="address",
            field=models.CharField(blank=True, default="", max_length=254),
        ),
        migrations.AddField(
            model_name="message",
            name="channel",
            field=models.CharField(default="aoo", max_length=5),
        ),
        migrations.AddField(
            model_name="message",
            name="mail_message_id",
            field=models.CharField(blank=True, default="", max_length=500),
        ),
        migrations.AddField(
            model_name="message",
            name="writes",
            field=models.CharField(blank=True, default="", max_length=10),
        ),
        migrations.AlterField(
            model_name="incident",
            name="kind",
            field=models.CharField(
                choices=[
                    ("retries_exhausted", "retries exhausted"),
                    ("confirmation_overdue", "confirmation overdue"),
                    ("acceptance_overdue", "acceptance overdue"),
                    ("delivery_overdue", "delivery overdue"),
                    ("not_delivered", "not delivered"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("mail_message_id", ""), _negated=True),
                fields=["body", "mail_message_id"],
                name="exchange_message_mail",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                fields=("registration", "direction", "counterpart_aoo", "channel", "address"),
                name="exchange_message_recipient",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("direction", "out")),
                fields=("area", "sender_key", "counterpart_aoo", "channel", "address"),
                name="exchange_message_sent_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("direction", "in")),
                fields=("area", "sender_key", "counterpart_aoo", "segnatura_sha256", "channel", "address"),
                name="exchange_message_received_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("accepted_at__isnull", False), ("direction", "in")),
                fields=("area", "sender_key", "channel", "address"),
                name="exchange_message_accepted_once",
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="area",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenancy.area",
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="body",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenancy.body",
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="registration",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="protocol.registration",
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="tied_to",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="mails",
                to="exchange.message",
            ),
        ),
        migrations.AddField(
            model_name="mailbox",
            name="area",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenancy.area",
            ),
        ),
        migrations.AddField(
            model_name="mailbox",
            name="body",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenancy.body",
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="mailbox",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="mails",
                to="exchange.mailbox",
            ),
        ),
        migrations.AddField(
            model_name="mailhabit",
            name="body",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenancy.body",
            ),
        ),
        migrations.AddField(
            model_name="mailsighting",
            name="body",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenancy.body",
            ),
        ),
        migrations.AddField(
            model_name="mailsighting",
            name="mail",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="sightings", to="exchange.mail"
            ),
        ),
        migrations.AddField(
            model_name="mailsighting",
            name="mailbox",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="exchange.mailbox",
            ),
        ),
        migrations.AddIndex(
            model_name="mailbox",
            index=models.Index(fields=["area", "-certified", "id"], name="exchange_mailbox_of"),
        ),
        migrations.AddConstraint(
            model_name="mailbox",
            constraint=models.UniqueConstraint(fields=("body", "address"), name="exchange_mailbox_address"),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("state__in", ("to_register", "unmatched", "troubled"))),
                fields=["area", "state", "-id"],
                name="exchange_mail_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(fields=["area", "-id"], name="exchange_mail_of"),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("state", "unmatched")),
                fields=["body", "about"],
                name="exchange_mail_about",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.UniqueConstraint(fields=("body", "identity"), name="exchange_mail_once"),
        ),
        migrations.AddConstraint(
            model_name="mailhabit",
            constraint=models.UniqueConstraint(
                fields=("body", "kind", "value"), name="exchange_mailhabit_one"
            ),
        ),
        migrations.AddIndex(
            model_name="mailsighting",
            index=models.Index(
                condition=models.Q(("settled_at__isnull", True)),
                fields=["mailbox", "uid"],
                name="exchange_mailsighting_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailsighting",
            constraint=models.UniqueConstraint(
                fields=("mailbox", "uid_validity", "uid"), name="exchange_mailsighting_one"
            ),
        ),
        migrations.RunSQL(GUARDS + ONCE, migrations.RunSQL.noop),
    )
