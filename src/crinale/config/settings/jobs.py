"""Background jobs: the worker finds the tasks itself (`crinale.spine.jobs.running.discover`)."""

from __future__ import annotations

__all__ = ["PROCRASTINATE_AUTODISCOVER_MODULE_NAME"]

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
