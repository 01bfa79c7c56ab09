"""Languages and time: Italian first, English second; instants in UTC, legal days in Rome."""

from __future__ import annotations

from pathlib import Path

import crinale

__all__ = ["LANGUAGES", "LANGUAGE_CODE", "LOCALE_PATHS", "TIME_ZONE", "USE_I18N", "USE_TZ"]

LANGUAGE_CODE = "it"
LANGUAGES = [("it", "Italiano"), ("en", "English")]
LOCALE_PATHS = [str(Path(crinale.__file__).parent / "locale")]
TIME_ZONE = "Europe/Rome"
USE_I18N = True
USE_TZ = True
