"""What the demonstration network says about itself, in `endpoints.json` and on the terminal."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from crinale.config.demo import network, outside
from crinale.config.demo.credentials import TEST_CLIENT
from crinale.config.demo.passwords import passwords
from crinale.config.node_keys import NodeKeys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crinale.config.demo.network import BodyPlan, NodePlan
    from crinale.config.demo.pki import Credential
    from crinale.config.demo.running import DemoNetwork


def load_fingerprint(prefixes: Mapping[str, str]) -> str:
    """A digest of what loading depends on: the plan, the code that loads it, the addresses."""
    digest = hashlib.sha256(repr(sorted(prefixes.items())).encode())
    for name in ("network.py", "outside.py", "loading.py", "enrolment.py"):
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()


def describe(running: DemoNetwork) -> dict[str, object]:
    """Everything that a foreign client or a test suite needs to drive the network."""
    words = passwords(running.home.secrets / "passwords.json")
    tests = running.test_credentials
    assert tests is not None  # noqa: S101  issued at the start
    return {
        "ca": str(running.home.authority_certificate),
        "clock": str(running.home.clock),
        "mail": {
            "folder": str(running.home.mail),
            "outside": {one.address: one.name for one in outside.CORRESPONDENTS},
        },
        "nodes": {plan.name: _node(running, plan, words) for plan in running.plans},
        "test_client": {
            "ipa_code": TEST_CLIENT.ipa_code,
            "body": TEST_CLIENT.body_name,
            "aoo_code": TEST_CLIENT.aoo_code,
            "endpoint": running.test_client_url,
            "tls": _credential(tests.tls),
            "message_signature": _credential(tests.message),
            "seal": _credential(tests.seal),
        },
        "refused_credentials": {
            "expired": {
                "tls": _credential(tests.expired_tls),
                "message_signature": _credential(tests.expired_message),
                "seal": _credential(tests.expired_seal),
            },
            "unknown_authority": {
                "tls": _credential(tests.unknown_tls),
                "message_signature": _credential(tests.unknown_message),
                "seal": _credential(tests.unknown_seal),
            },
        },
    }


def _node(running: DemoNetwork, plan: NodePlan, words: Mapping[str, str]) -> dict[str, object]:
    home = running.nodes[plan.name].home
    keys = NodeKeys(home.secrets)
    machine = running.machine_url(plan.name)
    users = [
        {
            "username": body.clerk_username,
            "password": words[body.clerk_username],
            "name": f"{body.clerk_first_name} {body.clerk_last_name}",
            "bodies": [body.ipa_code],
        }
        for body in plan.bodies
    ]
    if helped := network.bodies_of_union_clerk(plan):
        users.append(
            {
                "username": network.UNION_CLERK_USERNAME,
                "password": words[network.UNION_CLERK_USERNAME],
                "name": f"{network.UNION_CLERK_FIRST_NAME} {network.UNION_CLERK_LAST_NAME}",
                "bodies": [body.ipa_code for body in helped],
            }
        )
    return {
        "title": plan.title,
        "hub": plan.is_hub,
        "home": str(home.root),
        "pages_url": running.pages_url(plan.name),
        "machine_url": machine,
        "tls": {"certificate": str(keys.tls_certificate), "key": str(keys.tls_key)},
        "areas": [_area(body, machine, keys) for body in plan.bodies],
        "users": users,
    }


def _area(body: BodyPlan, machine: str, keys: NodeKeys) -> dict[str, object]:
    endpoint = f"{machine}/aoo/{body.aoo_code}"
    return {
        "aoo_code": body.aoo_code,
        "aoo_name": body.aoo_name,
        "ipa_code": body.ipa_code,
        "body": body.name,
        "endpoint": endpoint,
        "mailbox": body.mail,
        "recipient_url": f"{endpoint}/protocollo/destinatario",
        "sender_url": f"{endpoint}/protocollo/mittente",
        "seal_certificate": str(keys.seal(body.aoo_code)[0]),
        "message_certificate": str(keys.message(body.aoo_code)[0]),
    }


def _credential(credential: Credential) -> dict[str, str]:
    return {"certificate": str(credential.certificate), "key": str(credential.key)}
