"""Crinale: the shared digital town hall of a union of small municipalities."""
