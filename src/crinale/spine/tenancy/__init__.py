"""Bodies, unions and registry areas, and the scope that keeps each body's rows apart. It fails closed.

``TenantModel``, the base of every table that belongs to a body, is in :mod:`crinale.spine.tenancy.models`.
"""

from __future__ import annotations

from crinale.spine.tenancy.scope import ScopeMissing, WrongScope, current_body, no_scope, scope
from crinale.spine.tenancy.scope_state import current

__all__ = ["ScopeMissing", "WrongScope", "current", "current_body", "no_scope", "scope"]
