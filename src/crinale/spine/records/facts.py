"""The facts that the records may write; the subject is the document, plan or dossier."""

from __future__ import annotations

from dataclasses import dataclass

from crinale.spine.audit import Fact


@dataclass(frozen=True, kw_only=True)
class DocumentStored(Fact):
    """A file entered the archive."""

    kind = "document.stored"
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, kw_only=True)
class FilingPlanImported(Fact):
    """A filing plan came into force; the one before it ended."""

    kind = "filing_plan.imported"
    name: str
    headings: int


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
