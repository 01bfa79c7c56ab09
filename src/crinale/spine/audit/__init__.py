"""What happened, who did it, and the proof that nobody changed the story afterwards.

A fact is written in the transaction of the change that it tells. A job seals facts in batches: a Merkle tree
per batch, the batches chained, so that writers never wait for each other. ``verify`` recomputes everything.
"""

from __future__ import annotations

from crinale.spine.audit.facts import Fact
from crinale.spine.audit.verification import Section, register_verifier
from crinale.spine.audit.writing import NotInTransaction, access, insertion, write, write_many

__all__ = [
    "Fact",
    "NotInTransaction",
    "Section",
    "access",
    "insertion",
    "register_verifier",
    "write",
    "write_many",
]
