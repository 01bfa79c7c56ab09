"""What a node tells the hub about itself: its areas with their addresses and certificates."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from crinale.config.node import NodeHome
from crinale.config.node_keys import NodeKeys
from crinale.spine.exchange import actions
from crinale.spine.exchange.rules.index import AreaEntry
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from pathlib import Path


def describe_node() -> bytes:
    """Return the descriptor of this node's areas, as JSON."""
    home = NodeHome.current()
    keys, contacts = NodeKeys(home.secrets), home.settings().get("contacts", {})
    return actions.describe(
        [
            AreaEntry(
                ipa_code=area.body_ipa,
                body_name=area.body_name,
                aoo_code=area.code,
                aoo_name=area.name,
                endpoint=area.endpoint,
                seal_certificates=_certificates(keys.seal(area.code)[0]),
                message_certificates=_certificates(keys.message(area.code)[0]),
                emails=tuple(contacts.get("emails", ())),
                phone=contacts.get("phone", ""),
            )
            for body in tenancy.bodies()
            for area in tenancy.areas(body_id=body.id)
        ]
    )


def _certificates(file: Path) -> tuple[str, ...]:
    if not file.is_file():
        return ()
    first = x509.load_pem_x509_certificates(file.read_bytes())[0]
    return (b64encode(first.public_bytes(Encoding.DER)).decode(),)
