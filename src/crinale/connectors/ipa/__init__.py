"""The index of public administrations: its open-data files, and the copy that the hub gives to its nodes."""
