"""What whoever runs a node does to it from its console: bodies, areas, people, keys, backups, checks.

The commands parse and tell; the work is here, and the demonstration network is loaded by the same
functions. Each change writes an audit fact that names the user of the operating system: tenancy and
identity stand below the audit, so their callers tell the story.
"""
