"""What a node still lacks, in plain words: each check yields findings, and no finding hides the next one."""

from __future__ import annotations

from crinale.config.administration.checkup.examination import examine
from crinale.config.administration.checkup.findings import Finding, Level

__all__ = ["Finding", "Level", "examine"]
