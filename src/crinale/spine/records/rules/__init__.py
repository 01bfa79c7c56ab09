"""Decisions of the records as pure functions."""
