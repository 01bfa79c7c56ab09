"""Who acts and what they may do: people, dated grants per body and area, local sign-in for staff."""

from __future__ import annotations

from crinale.spine.identity.actor import Actor, GrantRef
from crinale.spine.identity.permissions import Forbidden

__all__ = ["Actor", "Forbidden", "GrantRef"]
