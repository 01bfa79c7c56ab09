"""One folder per product; the only floor with pages. A service is found by its manifest."""
