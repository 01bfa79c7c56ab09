"""Faults, against the real processes: what is tampered with, refused, down, killed, too big or malicious."""
