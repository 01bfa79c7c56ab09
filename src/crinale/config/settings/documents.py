"""Documents of this node: how large one may be."""

from __future__ import annotations

from typing import Final

from crinale.config.node import NodeHome

__all__ = ["CRINALE_DOCUMENT_LIMIT_BYTES"]

_GIGABYTE: Final = 1 << 30

CRINALE_DOCUMENT_LIMIT_BYTES = int(
    NodeHome.current().settings().get("documents", {}).get("limit_bytes", _GIGABYTE)
)
