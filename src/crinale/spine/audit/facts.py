"""What a fact is, for those who write them here; packages below the audit find it in the kernel."""

from __future__ import annotations

from crinale.kernel.facts import Fact, kinds, plain

__all__ = ["Fact", "kinds", "plain"]
