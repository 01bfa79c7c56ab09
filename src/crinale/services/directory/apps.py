"""Django application of the directory."""

from __future__ import annotations

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """The hub's index, served to nodes; it has no tables of its own."""

    name = "crinale.services.directory"
    label = "directory"
    verbose_name = "Directory"
