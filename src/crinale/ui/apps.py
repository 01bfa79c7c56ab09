"""The Django application that carries templates, static files and template tags."""

from __future__ import annotations

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates, static files and template tags."""

    name = "crinale.ui"
    label = "ui"
