"""Who holds which key in the demonstration network, and where each lies.

A node's own keys lie in its home, laid out as on any node: `secrets/tls` for its listener and its calls,
`secrets/messages/<AOO>` for signing SOAP messages, `secrets/seals/<AOO>` for sealing segnature, and the
authorities that it trusts in `secrets/trust`. Test clients have theirs under the demonstration's own
`secrets`.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.config.demo import network, pki
from crinale.config.node_keys import NodeKeys

if TYPE_CHECKING:
    from cryptography import x509

    from crinale.config.demo.homes import DemoHome

TRUST_FILE = "demonstration.pem"
SERVER_NAMES = ("127.0.0.1", "localhost")


@dataclass(frozen=True)
class TestClient:
    """An area of the index that no node serves: a foreign system under test plays it."""

    __test__ = False

    ipa_code: str = "ente_prova"
    body_name: str = "Ente di prova"
    aoo_code: str = "APROVA1"
    aoo_name: str = "Area di prova per sistemi di terzi"


TEST_CLIENT = TestClient()


@dataclass(frozen=True)
class TestCredentials:
    """What a foreign client holds: its good keys, and those that must be refused."""

    __test__ = False

    tls: pki.Credential
    message: pki.Credential
    seal: pki.Credential
    expired_tls: pki.Credential
    expired_message: pki.Credential
    expired_seal: pki.Credential
    unknown_tls: pki.Credential
    unknown_message: pki.Credential
    unknown_seal: pki.Credential


def issue(home: DemoHome) -> TestCredentials:
    """Make what is missing of the network's keys, and return those of the test client."""
    authority = pki.Authority(home.secrets / "authority")
    if not home.authority_certificate.is_file():
        shutil.copyfile(authority.credential.certificate, home.authority_certificate)
    for plan in network.NODES:
        keys = NodeKeys(home.node(plan.name) / "secrets")
        _trust(keys, authority)
        authority.issue(
            pki.Credential(keys.tls_certificate, keys.tls_key),
            subject=pki.node_name(plan.name),
            server_names=SERVER_NAMES,
        )
        for body in plan.bodies:
            certificate, key = keys.message(body.aoo_code)
            authority.issue(pki.Credential(certificate, key), subject=pki.node_name(body.aoo_code))
            certificate, key = keys.seal(body.aoo_code)
            authority.issue(pki.Credential(certificate, key), subject=_seal_subject(body), seal=True)
    return _issue_for_tests(home, authority)


def _trust(keys: NodeKeys, authority: pki.Authority) -> None:
    target = keys.trust / TRUST_FILE
    if not target.is_file():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(authority.credential.certificate, target)
        target.chmod(0o600)


def _seal_subject(body: network.BodyPlan) -> x509.Name:
    return pki.organization_name(body=body.name, ipa_code=body.ipa_code, common_name=body.aoo_name)


def _issue_for_tests(home: DemoHome, authority: pki.Authority) -> TestCredentials:
    folder = home.secrets / "test-client"
    unknown = pki.Authority(home.secrets / "unknown-authority")
    seal_subject = pki.organization_name(
        body=TEST_CLIENT.body_name, ipa_code=TEST_CLIENT.ipa_code, common_name=TEST_CLIENT.aoo_name
    )
    issued = {}
    for prefix, issuer, expired in (
        ("", authority, False),
        ("expired_", authority, True),
        ("unknown_", unknown, False),
    ):
        for use in ("tls", "message", "seal"):
            name = f"{prefix}{use}"
            issued[name] = issuer.issue(
                pki.Credential.at(folder, name.replace("_", "-")),
                subject=seal_subject if use == "seal" else pki.node_name(TEST_CLIENT.aoo_code),
                seal=use == "seal",
                server_names=SERVER_NAMES if use == "tls" else (),
                expired=expired,
            )
    return TestCredentials(**issued)
