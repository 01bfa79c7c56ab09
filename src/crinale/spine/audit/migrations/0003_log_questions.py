"""Indexes for those who search the logs: what a person did or read, and what happened in a period."""

from __future__ import annotations

from django.db import migrations, models

FACTS = """
create index audit_fact_actor on audit_fact (body_id, actor_id, at, id) where actor_id is not null;
create index audit_fact_at on audit_fact (body_id, at, id);
"""


class Migration(migrations.Migration):
    """Make the indexes."""

    dependencies = [
        ("audit", "0002_waiting_since"),
    ]

    operations = [
        migrations.RunSQL(FACTS, "drop index audit_fact_actor, audit_fact_at"),
        migrations.AddIndex(
            "access", models.Index(fields=["body", "actor_id", "at", "id"], name="audit_access_actor")
        ),
        migrations.AddIndex("access", models.Index(fields=["body", "at", "id"], name="audit_access_at")),
    ]
