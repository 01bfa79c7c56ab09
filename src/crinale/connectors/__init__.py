"""One folder per outside system. Only ``config`` imports them: it binds them to the ports of the spine."""
