"""Recomputing everything: what is in the report, and the checks that other packages add to it.

Run as the owner of the database, who sees every body, in no scope. Anybody may check the batches with a
handful of lines of their own: docs/audit.md says how a leaf, a root and a link are made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

LISTED_AT_MOST = 1000


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that is not as it was written: ``where`` it is, and ``what`` is wrong."""

    where: str
    what: str


@dataclass(kw_only=True)
class Section:
    """What one verifier saw."""

    name: str
    checked: int = 0
    broken: int = 0
    findings: list[Finding] = field(default_factory=list)

    def fault(self, where: str, what: str) -> None:
        """Add a finding; past the first thousand they are only counted."""
        self.broken += 1
        if len(self.findings) < LISTED_AT_MOST:
            self.findings.append(Finding(where=where, what=what))


Verifier = Callable[[Section], None]
_verifiers: dict[str, Verifier] = {}


def register_verifier(name: str, verifier: Verifier) -> None:
    """Add a check to ``audit verify``: it counts what it checked in the section and adds its findings."""
    _verifiers[name] = verifier


def verifiers() -> dict[str, Verifier]:
    """Return the checks that packages added, by name."""
    return dict(sorted(_verifiers.items()))


@dataclass(frozen=True, kw_only=True)
class VerifyReport:
    """The outcome of a verification. ``head``, the last link, kept elsewhere proves that none is lost."""

    facts: int
    unsealed: int
    batches: int
    head: str
    sections: tuple[Section, ...]

    @property
    def ok(self) -> bool:
        """Whether everything is as it was written."""
        return not any(section.broken for section in self.sections)

    @property
    def findings(self) -> list[Finding]:
        """Return all findings, in the order of the checks."""
        return [finding for section in self.sections for finding in section.findings]
