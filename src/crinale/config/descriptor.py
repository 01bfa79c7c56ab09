"""What a node tells the hub about itself: its areas with their addresses and certificates."""

from __future__ import annotations

from base64 import b64encode

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from crinale.config.administration.key_files import KeyPlace, KeyUse
from crinale.config.node import NodeHome
from crinale.config.node_keys import NodeKeys
from crinale.spine.exchange import actions
from crinale.spine.exchange.rules.index import AreaEntry
from crinale.spine.tenancy import queries as tenancy


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
                seal_certificates=_certificates(KeyPlace.of(keys, KeyUse.SEAL, area.code)),
                message_certificates=_certificates(KeyPlace.of(keys, KeyUse.MESSAGE, area.code)),
                emails=tuple(contacts.get("emails", ())),
                phone=contacts.get("phone", ""),
            )
            for body in tenancy.bodies()
            for area in tenancy.areas(body_id=body.id)
        ]
    )


def _certificates(place: KeyPlace) -> tuple[str, ...]:
    """The certificate in use and the one that is to follow it, so that others know both at the change."""
    return tuple(
        b64encode(x509.load_pem_x509_certificates(file.read_bytes())[0].public_bytes(Encoding.DER)).decode()
        for file in (place.certificate, place.next_certificate)
        if file.is_file()
    )
