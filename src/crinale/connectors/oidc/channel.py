"""The back channel: what the node itself asks a provider, over TLS, with limits of time and size."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from crinale.spine.identity.ports import ProviderRefused, ProviderUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES: Final = 1 << 20
_OK: Final = 200
_BAD_REQUEST, _UNAUTHORIZED = 400, 401
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class Channel:
    """Asks for JSON; follows no redirect, and speaks plain HTTP with the loopback only."""

    def __init__(self, *, seconds: float = 10.0) -> None:
        """Prepare; nothing is opened yet."""
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=min(5.0, seconds), read=seconds), retries=False
        )

    def get(self, url: str) -> dict[str, Any]:
        """Return the JSON object at an address.

        :raises ProviderUnavailable: when there is none.
        """
        return self._ask("GET", url, headers={"Accept": "application/json"})

    def post(self, url: str, fields: Mapping[str, str], *, headers: Mapping[str, str]) -> dict[str, Any]:
        """Send a form and return the JSON object that answers it.

        :raises ProviderRefused: when the provider refuses what was sent.
        :raises ProviderUnavailable: when it does not answer, or not so.
        """
        sent = {
            **headers,
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self._ask("POST", url, headers=sent, body=urlencode(fields))

    def _ask(
        self, method: str, url: str, *, headers: Mapping[str, str], body: str | None = None
    ) -> dict[str, Any]:
        address = urlsplit(url)
        if address.scheme != "https" and address.hostname not in _LOOPBACK:
            raise ProviderUnavailable
        try:
            response = self._pool.request(
                method,
                url,
                headers=headers,
                body=body,
                redirect=False,
                preload_content=False,
            )
            try:
                content = response.read(MAX_BYTES + 1)
            finally:
                response.release_conn()
        except (HTTPError, OSError) as error:
            raise ProviderUnavailable from error
        if response.status in (_BAD_REQUEST, _UNAUTHORIZED):
            raise ProviderRefused
        if response.status != _OK or len(content) > MAX_BYTES:
            raise ProviderUnavailable
        return _object(content)


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError as error:
        raise ProviderUnavailable from error
    if not isinstance(found, dict):
        raise ProviderUnavailable
    return found
