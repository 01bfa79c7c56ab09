"""Which applications a node runs: the spine by name, the services by discovery of their folders."""

from __future__ import annotations

from pathlib import Path

import crinale

__all__ = ["DEFAULT_AUTO_FIELD", "INSTALLED_APPS"]

_PACKAGES = Path(crinale.__file__).parent
_SPINE = ("tenancy", "identity", "audit", "jobs", "records", "search", "protocol", "exchange")

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    *(f"crinale.spine.{name}" for name in _SPINE if (_PACKAGES / "spine" / name / "apps.py").exists()),
    *(["crinale.ui"] if (_PACKAGES / "ui" / "__init__.py").exists() else []),
    *(
        f"crinale.services.{manifest.parent.name}"
        for manifest in sorted((_PACKAGES / "services").glob("*/manifest.py"))
    ),
    "crinale.config",
]
