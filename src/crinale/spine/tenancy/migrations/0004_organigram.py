"""Offices over time, posts and who holds them."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Offices over time, posts and who holds them."""

    dependencies = (("tenancy", "0003_guard"),)
    operations = ()
