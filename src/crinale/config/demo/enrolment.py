"""Enrols the areas of the network in the hub's index, with addresses and certificates."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from crinale.config.demo import outside
from crinale.config.demo.credentials import TEST_CLIENT
from crinale.config.node_keys import NodeKeys
from crinale.spine.exchange import actions as exchange
from crinale.spine.exchange.rules.index import AreaEntry

if TYPE_CHECKING:
    from pathlib import Path

    from crinale.config.demo import network
    from crinale.config.demo.running import DemoNetwork


class NotEnrolled(RuntimeError):
    """Areas of the demonstration were refused by the index."""


def enrol(running: DemoNetwork) -> None:
    """Bring every area, and that of the test client, into the index, and publish it; runs on the hub."""
    entries = [_entry(running, plan, body) for plan in running.plans for body in plan.bodies]
    entries.append(_test_client(running))
    report = exchange.import_areas(enumerate(entries, start=1), source="demo")
    if report.refused:
        raise NotEnrolled(report.refused)
    exchange.publish_index()


def know_the_body_outside() -> None:
    """Bring the body that has mail only into the index of a node, as the open data of the IPA do.

    :raises NotEnrolled: when it is refused.
    """
    body = outside.CONSORTIUM
    entry = AreaEntry(
        ipa_code=body.ipa_code,
        body_name=body.name,
        aoo_code=body.aoo_code,
        aoo_name=body.aoo_name,
        emails=(body.address,),
        address=body.postal_address,
    )
    report = exchange.import_areas([(1, entry)], source="ipa")
    if report.refused:
        raise NotEnrolled(report.refused)


def _entry(running: DemoNetwork, plan: network.NodePlan, body: network.BodyPlan) -> AreaEntry:
    keys = NodeKeys(running.nodes[plan.name].home.secrets)
    return AreaEntry(
        ipa_code=body.ipa_code,
        body_name=body.name,
        aoo_code=body.aoo_code,
        aoo_name=body.aoo_name,
        endpoint=f"{running.machine_url(plan.name)}/aoo/{body.aoo_code}",
        organization_identifier=f"PA:IT-{body.ipa_code}",
        seal_certificates=(_certificate(keys.seal(body.aoo_code)[0]),),
        message_certificates=(_certificate(keys.message(body.aoo_code)[0]),),
        emails=(body.mail,),
        responsible=f"{body.clerk_first_name} {body.clerk_last_name}",
    )


def _test_client(running: DemoNetwork) -> AreaEntry:
    held = running.test_credentials
    assert held is not None  # noqa: S101  issued at the start
    return AreaEntry(
        ipa_code=TEST_CLIENT.ipa_code,
        body_name=TEST_CLIENT.body_name,
        aoo_code=TEST_CLIENT.aoo_code,
        aoo_name=TEST_CLIENT.aoo_name,
        endpoint=running.test_client_url,
        # The refused certificates are listed too: who tests with them meets the check of validity.
        seal_certificates=tuple(map(_certificate, (
            held.seal.certificate, held.expired_seal.certificate, held.unknown_seal.certificate,
        ))),
        message_certificates=tuple(map(_certificate, (
            held.message.certificate, held.expired_message.certificate, held.unknown_message.certificate,
        ))),
    )  # fmt: skip


def _certificate(file: Path) -> str:
    der = x509.load_pem_x509_certificate(file.read_bytes()).public_bytes(Encoding.DER)
    return b64encode(der).decode()
