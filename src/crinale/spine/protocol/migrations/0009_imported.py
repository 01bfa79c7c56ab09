"""Registrations taken over from an older archive."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Registrations taken over from an older archive."""

    dependencies = (("protocol", "0008_registers"),)
    operations = ()
