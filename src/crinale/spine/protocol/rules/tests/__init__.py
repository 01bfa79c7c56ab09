"""Tests of the rules of the protocol; the official schemas are the judge."""
