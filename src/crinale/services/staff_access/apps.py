"""The Django application of staff access."""

from __future__ import annotations

from django.apps import AppConfig


class StaffAccessConfig(AppConfig):
    """Templates and pages; no tables."""

    name = "crinale.services.staff_access"
    label = "staff_access"
