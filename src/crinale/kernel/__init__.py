"""Pure Python: codes, clock, working days, digests, ids, errors. No Django, no input or output."""
