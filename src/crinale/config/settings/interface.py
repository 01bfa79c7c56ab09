"""The interface for programs: whether events may be delivered to machines of the node's own network."""

from __future__ import annotations

from crinale.config.node import NodeHome

__all__ = ["CRINALE_PRIVATE_WEBHOOKS"]

CRINALE_PRIVATE_WEBHOOKS = bool(NodeHome.current().settings().get("interface", {}).get("private_webhooks"))
