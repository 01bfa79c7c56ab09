"""Background jobs: each application's jobs are in its module `jobs`."""

from __future__ import annotations

__all__ = ["PROCRASTINATE_AUTODISCOVER_MODULE_NAME"]

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
