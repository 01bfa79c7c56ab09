"""One folder per outside system. Nobody imports these but ``config``, which binds them to the ports of the spine."""
