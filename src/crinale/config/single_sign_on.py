"""The OpenID providers that a node's settings name: one table of node.toml for each body that has one.

`[single_sign_on.IPA]`, with the client's secret apart in `secrets/single_sign_on-IPA`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.connectors.oidc.client import MATCHES, OpenId, ProviderSettings
from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from crinale.config.node import NodeHome, Settings


class SingleSignOnIncomplete(CrinaleError):
    """A table [single_sign_on.IPA] of node.toml lacks issuer or client_id, or its matches is unknown."""


def openid(home: NodeHome) -> OpenId | None:
    """The providers of a node; none where the settings name none.

    :raises SingleSignOnIncomplete: when a table lacks something.
    """
    tables: dict[str, Settings] = home.settings().get("single_sign_on", {})
    found = [_provider(home, code, table) for code, table in tables.items()]
    return OpenId(found) if found else None


def _provider(home: NodeHome, code: str, table: Settings) -> ProviderSettings:
    matches = table.get("matches", "email")
    if matches not in MATCHES or not table.get("issuer") or not table.get("client_id"):
        raise SingleSignOnIncomplete
    return ProviderSettings(
        code=code,
        name=table.get("name", code),
        issuer=table["issuer"],
        client_id=table["client_id"],
        secret=home.existing_secret(f"single_sign_on-{code}") or "",
        claim=str(table.get("claim", matches)),
        matches=matches,
        strong=frozenset(table.get("strong", [])),
    )
