"""Editions of the filing plan, kinds of dossiers, sub-dossiers, visibility."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Editions of the filing plan, kinds of dossiers, sub-dossiers, visibility."""

    dependencies = (("records", "0002_guards"),)
    operations = ()
