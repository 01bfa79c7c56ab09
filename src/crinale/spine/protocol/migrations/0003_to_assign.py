"""An index of what waits for an office, so that counting it does not read the whole register."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Add the index."""

    dependencies = (("protocol", "0002_guards"),)
    operations = (
        migrations.AddIndex(
            "registration",
            models.Index(
                fields=("register", "-year", "-number"),
                condition=Q(direction="incoming", current_office__isnull=True, annulled_at__isnull=True),
                name="protocol_registration_assign",
            ),
        ),
    )
