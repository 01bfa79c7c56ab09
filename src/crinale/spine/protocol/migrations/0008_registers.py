"""Sealed and deposited daily registers."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Sealed and deposited daily registers."""

    dependencies = (("protocol", "0007_address_book"),)
    operations = ()
