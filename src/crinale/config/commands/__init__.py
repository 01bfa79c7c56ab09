"""The commands of `./crinale`, one per module.

The module `send_all.py` holds a click command `send_all`, typed `send-all`.
Its function's docstring is its help. Import heavy things (Django) inside the function. To put it in a section
of the table of contents, name it in `crinale.config.cli.contents`.
"""
