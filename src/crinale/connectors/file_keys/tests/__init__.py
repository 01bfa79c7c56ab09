"""Tests of the key files."""
