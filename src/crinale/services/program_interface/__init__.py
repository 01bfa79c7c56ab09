"""The door for other programs of the town: registers, documents, dossiers and events over HTTP and JSON."""
