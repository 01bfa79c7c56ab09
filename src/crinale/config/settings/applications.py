"""Which applications a node runs: the spine by name, the services by discovery of their folders."""

from __future__ import annotations

from pathlib import Path

import crinale

__all__ = ["DEFAULT_AUTO_FIELD", "INSTALLED_APPS"]

_MANIFESTS = sorted((Path(crinale.__file__).parent / "services").glob("*/manifest.py"))
# The ladder of the spine, from its foot.
_SPINE = ("tenancy", "identity", "audit", "jobs", "notify", "records", "search", "protocol", "exchange")

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    *(f"crinale.spine.{name}" for name in _SPINE),
    "crinale.ui",
    *(f"crinale.services.{manifest.parent.name}" for manifest in _MANIFESTS),
    "crinale.config",
]
