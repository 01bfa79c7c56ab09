"""The pages of staff access."""
