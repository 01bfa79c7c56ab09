"""What granian serves: the URLs of one listener (CRINALE_LISTENER), pages or machine."""

from __future__ import annotations

import os
import signal

from django.core.wsgi import get_wsgi_application

from crinale.config import tether

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crinale.config.settings")
if os.environ.get("CRINALE_TETHERED"):
    # granian's workers outlive a killed granian, and would keep its port.
    tether.tie_to_parent(signal.SIGTERM)

application = get_wsgi_application()
