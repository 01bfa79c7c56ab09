"""The protocol registers: gapless numbers, sealed segnature, immutable registrations (DPR 445/2000)."""
