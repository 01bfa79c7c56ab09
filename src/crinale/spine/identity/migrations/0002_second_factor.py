"""Second factors, grants by office, absences, recertifications."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Second factors, grants by office, absences, recertifications."""

    dependencies = (
        ("identity", "0001_tables"),
        ("tenancy", "0004_organigram"),
    )
    operations = ()
