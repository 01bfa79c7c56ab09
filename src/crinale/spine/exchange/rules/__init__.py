"""Decisions of the exchange, as pure functions (Allegato 6 AgID, sections 3.1 to 3.3)."""
