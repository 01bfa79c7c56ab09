"""The worker process: runs background jobs from the node's database until it is told to stop.

python -m crinale.config.worker --concurrency 4
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys

import django

GRACE_SECONDS = 10.0


def main(concurrency: int) -> None:
    """Run jobs until SIGINT or SIGTERM; a job under way gets some seconds to finish."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crinale.config.settings")
    django.setup()
    logging.getLogger("procrastinate").setLevel(os.environ.get("CRINALE_LOG_LEVEL", "WARNING"))
    asyncio.run(_run(concurrency))


async def _run(concurrency: int) -> None:
    from procrastinate.contrib.django import app

    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # only the Django connector has it
    with app.replace_connector(connector) as worker_app:
        async with worker_app.open_async():
            await worker_app.run_worker_async(
                concurrency=concurrency,
                fetch_job_polling_interval=1.0,
                shutdown_graceful_timeout=GRACE_SECONDS,
                delete_jobs="successful",
            )


if __name__ == "__main__":
    main(int(sys.argv[sys.argv.index("--concurrency") + 1]) if "--concurrency" in sys.argv else 1)
