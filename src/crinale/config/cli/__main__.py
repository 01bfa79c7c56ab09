"""Where the launcher hands over."""

from __future__ import annotations

from crinale.config.cli.program import main

main()
