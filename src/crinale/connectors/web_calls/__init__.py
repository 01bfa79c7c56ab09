"""Calls to addresses that programs chose: a client that nobody leads behind the walls of the node."""

from __future__ import annotations

from crinale.connectors.web_calls.caller import Called, WebCalls

__all__ = ["Called", "WebCalls"]
