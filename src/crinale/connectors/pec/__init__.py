"""Certified mail (PEC) and ordinary mail: reading, IMAP, SMTP, and a simulated provider."""
