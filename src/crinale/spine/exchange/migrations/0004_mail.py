"""Mailboxes and certified mail."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Mailboxes and certified mail."""

    dependencies = (
        ("exchange", "0003_confidential"),
        ("protocol", "0005_registering"),
    )
    operations = ()
