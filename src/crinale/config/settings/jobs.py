"""Background jobs. The worker finds the tasks itself (`crinale.spine.jobs.running.discover`), so a start does not."""

from __future__ import annotations

__all__ = ["PROCRASTINATE_AUTODISCOVER_MODULE_NAME"]

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
