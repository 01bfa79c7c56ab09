"""Decisions of the protocol as pure functions: numbering, subject, segnatura, emergency, daily register."""
