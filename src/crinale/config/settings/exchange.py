"""The exchange of this node: where its hub is, and how fast a demonstration network retries.

``retry_scale`` shortens the retry schedule of Allegato 6 (2, 4, 8 hours): 1, the rule, everywhere else.
``[mail] every_seconds``: how often each mailbox is asked for new mails.
"""

from __future__ import annotations

from crinale.config.node import NodeHome

__all__ = ["CRINALE_HUB_URL", "CRINALE_MAIL_SECONDS", "CRINALE_RETRY_SCALE"]

_exchange = NodeHome.current().settings().get("exchange", {})

CRINALE_HUB_URL: str = _exchange.get("hub", "")
CRINALE_RETRY_SCALE = float(_exchange.get("retry_scale", 1.0))
CRINALE_MAIL_SECONDS = float(NodeHome.current().settings().get("mail", {}).get("every_seconds", 60))
