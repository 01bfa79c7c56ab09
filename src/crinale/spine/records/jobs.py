"""What the records do by themselves: tidy up after crashes."""

from __future__ import annotations

import logging

from crinale.spine import jobs
from crinale.spine.records.ports import blob_store

log = logging.getLogger(__name__)


@jobs.periodic(seconds=3600)
def remove_leftovers() -> None:
    """Remove files that were half written when something was killed."""
    if removed := blob_store.get().remove_leftovers():
        log.info("removed %d half written files", removed)
