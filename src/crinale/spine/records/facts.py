"""The facts that the records may write; the subject is the document, plan or dossier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.spine.audit import Fact

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class DocumentStored(Fact):
    """A file entered the archive."""

    kind = "document.stored"
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, kw_only=True)
class FilingPlanImported(Fact):
    """An edition of the filing plan has a day from which it is in force; the one before it ends then."""

    kind = "filing_plan.imported"
    name: str
    headings: int
    valid_from: str = ""


@dataclass(frozen=True, kw_only=True)
class FilingPlanWithdrawn(Fact):
    """An edition of the filing plan was withdrawn before its day."""

    kind = "filing_plan.withdrawn"
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ClassificationClosed(Fact):
    """Nothing new may be filed under a heading."""

    kind = "classification.closed"
    code: str


@dataclass(frozen=True, kw_only=True)
class DossierOpened(Fact):
    """A dossier was opened."""

    kind = "dossier.opened"
    code: str


@dataclass(frozen=True, kw_only=True)
class DossierClosed(Fact):
    """A dossier was closed."""

    kind = "dossier.closed"
    code: str


@dataclass(frozen=True, kw_only=True)
class DossierReopened(Fact):
    """A closed dossier was opened again."""

    kind = "dossier.reopened"
    code: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class DossierChanged(Fact):
    """What is known of a dossier changed; the former values stand in its story."""

    kind = "dossier.changed"
    code: str
    fields: list[str]


@dataclass(frozen=True, kw_only=True)
class DossierShown(Fact):
    """A dossier is seen by others than before."""

    kind = "dossier.shown"
    code: str
    visibility: str
    people: list[str]
    reason: str


@dataclass(frozen=True, kw_only=True)
class DocumentPlaced(Fact):
    """A document that no register knows was put in a dossier."""

    kind = "document.placed"
    dossier: UUID
    code: str


@dataclass(frozen=True, kw_only=True)
class DocumentMoved(Fact):
    """A document that no register knows went from a dossier to another."""

    kind = "document.moved"
    source: UUID
    target: UUID
    code: str
