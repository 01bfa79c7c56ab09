"""The machinery of the tests: databases that are cheap to make, and no network but the loopback."""
