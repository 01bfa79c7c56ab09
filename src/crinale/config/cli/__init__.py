"""The command line. `./crinale --help` is its table of contents."""
