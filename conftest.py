"""The test harness: a real PostgreSQL, migrated once, cloned for every worker, asked as the application role.

Where CRINALE_TEST_DATABASE_URL names a server (a role that may create databases and roles), that one is used;
otherwise the session copies a ready-made cluster (`var/test/seed-*`), starts it, and throws it away at the end.
"""

from __future__ import annotations

import os
import tempfile

# Before any settings load: tests never read or write the home of a real node.
_home = tempfile.TemporaryDirectory(prefix="crinale-test-home-")
os.environ["CRINALE_HOME"] = _home.name
for _name in ("CRINALE_DATABASE_URL", "CRINALE_DATABASE_APP_URL", "CRINALE_DB_ROLE", "CRINALE_LISTENER"):
    os.environ.pop(_name, None)

pytest_plugins = ["crinale.config.testing.harness"]
