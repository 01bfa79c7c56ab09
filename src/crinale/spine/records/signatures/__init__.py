"""Electronic signatures and seals over bytes: making, verifying, checking files (eIDAS, CAD art. 20-35).

Everything here is a function of its arguments: no table, no clock, no settings, no network.
"""
