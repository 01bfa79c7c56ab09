"""Assignments with their course, and who may see confidential registrations."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Assignments with their course, and who may see confidential registrations."""

    dependencies = (
        ("protocol", "0005_registering"),
        ("identity", "0002_second_factor"),
    )
    operations = ()
