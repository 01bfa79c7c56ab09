"""The settings of the tests: those of a node whose home is empty and thrown away at the end."""

from __future__ import annotations

import os
import tempfile

# Read by the settings as they load, and by the processes that tests start.
_home = tempfile.TemporaryDirectory(prefix="crinale-test-home-")
os.environ["CRINALE_HOME"] = _home.name
for _name in ("CRINALE_DATABASE_URL", "CRINALE_DATABASE_APP_URL", "CRINALE_DB_ROLE", "CRINALE_LISTENER"):
    os.environ.pop(_name, None)

from crinale.config.settings import *  # noqa: E402, F403  only now, for the reason above
