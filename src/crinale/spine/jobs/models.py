"""When each tick was claimed last. The queue itself is procrastinate's."""

from __future__ import annotations

from django.db import models


class TickClaim(models.Model):
    """A tick, and when a worker claimed it last."""

    name = models.CharField(max_length=200, primary_key=True)
    claimed_at = models.DateTimeField()

    class Meta:
        db_table = "jobs_tick"

    def __str__(self) -> str:
        return self.name
