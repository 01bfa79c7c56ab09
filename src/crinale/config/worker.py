"""The worker process: runs background jobs from the node's database until it is told to stop.

python -m crinale.config.worker --concurrency 4
"""

from __future__ import annotations

import os
import sys

import django


def main(concurrency: int) -> None:
    """Run jobs until SIGINT or SIGTERM; a job under way is finished first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crinale.config.settings")
    django.setup()
    from crinale.spine import jobs

    jobs.run_worker(concurrency=concurrency)


if __name__ == "__main__":
    main(int(sys.argv[sys.argv.index("--concurrency") + 1]) if "--concurrency" in sys.argv else 1)
