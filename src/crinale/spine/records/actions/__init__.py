"""Store documents, bring a filing plan into force, open and close dossiers."""

from __future__ import annotations

from crinale.spine.records.actions.documents import (
    DEFAULT_LIMIT_BYTES,
    document_limit,
    record_document,
    store_document,
)
from crinale.spine.records.actions.dossier_rows import DossierIsClosed
from crinale.spine.records.actions.dossiers import (
    change_dossier,
    close_dossier,
    open_dossier,
    open_part,
    reopen_dossier,
)
from crinale.spine.records.actions.placing import move_document, put_document
from crinale.spine.records.actions.plans import (
    PlanNotWaiting,
    close_classification,
    import_filing_plan,
    municipal_plan,
    withdraw_filing_plan,
)
from crinale.spine.records.actions.showing import show_dossier

__all__ = [
    "DEFAULT_LIMIT_BYTES",
    "DossierIsClosed",
    "PlanNotWaiting",
    "change_dossier",
    "close_classification",
    "close_dossier",
    "document_limit",
    "import_filing_plan",
    "move_document",
    "municipal_plan",
    "open_dossier",
    "open_part",
    "put_document",
    "record_document",
    "reopen_dossier",
    "show_dossier",
    "store_document",
    "withdraw_filing_plan",
]
