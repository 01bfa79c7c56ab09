"""Tests of the signatures, with foreign tools and hostile inputs as judges."""
