"""The test harness: a real PostgreSQL, migrated once, cloned for every worker, asked as the application role.

Where CRINALE_TEST_DATABASE_URL names a server (a role that may create databases and roles), that one is used;
otherwise the session copies a ready-made cluster (`var/test/seed-*`), starts it, and throws it away at the
end.
"""

from __future__ import annotations

pytest_plugins = ["crinale.config.testing.harness"]
