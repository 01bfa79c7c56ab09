"""The questions of the console's pages."""
