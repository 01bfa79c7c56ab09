"""The interface for programs: where events may be delivered, and how often unknown callers may ask."""

from __future__ import annotations

from crinale.config.node import NodeHome

__all__ = ["CRINALE_ADDRESS_HEADER", "CRINALE_PRIVATE_WEBHOOKS", "CRINALE_REQUESTS_PER_ADDRESS"]

_settings = NodeHome.current().settings().get("interface", {})

# Whether events may be delivered to machines of the node's own network.
CRINALE_PRIVATE_WEBHOOKS = bool(_settings.get("private_webhooks"))
# Requests in a minute of callers without a valid token, and for tokens, from one address.
CRINALE_REQUESTS_PER_ADDRESS = int(_settings.get("requests_per_address", 120))
# The header in which the reverse proxy writes the address of the caller; none is believed without it.
CRINALE_ADDRESS_HEADER = str(_settings.get("address_header", ""))
