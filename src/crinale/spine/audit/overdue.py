"""Whether facts are sealed in time: what no batch holds could still be changed without a trace."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import connection

from crinale.kernel import clock

if TYPE_CHECKING:
    from datetime import datetime

# Sealing runs every few seconds; an open transaction holds it up as long as it lasts.
LONGEST_WAIT: Final = timedelta(minutes=10)


def overdue_since() -> datetime | None:
    """Return when the oldest fact not yet sealed was written, if sealing should long have taken it."""
    with connection.cursor() as cursor:
        cursor.execute("select audit_waiting_since()")
        since: datetime | None = cursor.fetchone()[0]
    return since if since is not None and clock.now() - since > LONGEST_WAIT else None
