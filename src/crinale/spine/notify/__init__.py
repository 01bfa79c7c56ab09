"""Notices to people: told that something waits, never what it says."""
