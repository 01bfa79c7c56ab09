"""The database of the node: a server named in the environment, else the embedded one of the home.

Two roles, never mixed in one process: `owner` owns the tables and changes them (migrations, verification,
export and import of a body); `app` (web, worker) owns nothing and cannot step over row-level security.
CRINALE_DB_ROLE chooses.
"""

from __future__ import annotations

import os

from crinale.config.database_urls import DatabaseRole, django_database

__all__ = ["DATABASES"]

DATABASES = {"default": django_database(DatabaseRole(os.environ.get("CRINALE_DB_ROLE", "app")))}
