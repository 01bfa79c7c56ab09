"""Documents as content-addressed blobs, the filing plan (titolario), dossiers; signatures on files."""
