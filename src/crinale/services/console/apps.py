"""The Django application of the console."""

from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Templates and pages; no tables."""

    name = "crinale.services.console"
    label = "console"
