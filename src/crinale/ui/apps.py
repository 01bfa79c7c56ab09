"""The Django application that carries the templates, the static files and the template tags of the interface."""

from __future__ import annotations

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates, static files and template tags."""

    name = "crinale.ui"
    label = "ui"
