"""Deferred registration, chains, corrections."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Deferred registration, chains, corrections."""

    dependencies = (
        ("protocol", "0004_departure"),
        ("records", "0003_editions"),
    )
    operations = ()
