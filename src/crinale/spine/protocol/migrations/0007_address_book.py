"""Correspondents with their history, and groups of them."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Correspondents with their history, and groups of them."""

    dependencies = (("protocol", "0006_handling"),)
    operations = ()
