"""Other programs that use the interface, with their secrets."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Other programs that use the interface, with their secrets."""

    dependencies = (("identity", "0002_second_factor"),)
    operations = ()
