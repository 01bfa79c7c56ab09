"""Logs: one line per event on standard error, which the supervisor keeps in the node's log directory."""

from __future__ import annotations

import os

__all__ = ["LOGGING"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    # It tells at start about each of its own tasks.
    "loggers": {"procrastinate.blueprints": {"level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("CRINALE_LOG_LEVEL", "INFO")},
}
