"""Checks of received files: readable, and their own signatures valid (Allegato 6, section 3.1.1 C: 003 to 006)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.spine.exchange.actions.presented import ReadSegnatura
    from crinale.spine.exchange.rules.anomalies import Anomaly


def file_anomaly(read: ReadSegnatura, files: Sequence[dict[str, Any]]) -> Anomaly | None:
    """Return the anomaly of the first file at fault."""
    return None
