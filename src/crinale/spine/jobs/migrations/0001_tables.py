"""The claims of ticks, and a queue whose rows are written and removed all the time."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="TickClaim",
            fields=[
                ("name", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("claimed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "jobs_tick",
            },
        ),
    ]
