"""The machine interface of the directory."""
