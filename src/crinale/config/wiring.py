"""Which connector serves which port on this node: the one place where connectors and the spine meet.

What takes time or needs files (keys, certificates, connections) is made when it is first used, so that a node
without keys still migrates, and a process forked after the start has its own connections.
"""

from __future__ import annotations

import ssl
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from django.conf import settings

from crinale.config.demo import clock as demo_clock
from crinale.config.node import NodeHome
from crinale.config.node_keys import NodeKeys
from crinale.config.on_first_use import on_first_use
from crinale.config.single_sign_on import openid
from crinale.config.trust_folder import FollowedTrust
from crinale.connectors.aoo_soap.client import SoapTransport
from crinale.connectors.aoo_soap.node import Node
from crinale.connectors.aoo_soap.node import node as soap_node
from crinale.connectors.aoo_soap.ws_security import Signer
from crinale.connectors.blob_folder import FolderBlobStore
from crinale.connectors.deposit_folder import FolderDeposit
from crinale.connectors.file_keys import FolderKeys
from crinale.connectors.ipa.hub import HubIndex
from crinale.connectors.notice_mail import MailServer, SmtpMailer
from crinale.connectors.pec.connections import tls_context
from crinale.connectors.pec.fake import FolderPostman
from crinale.connectors.pec.folder_provider import FolderProvider
from crinale.connectors.pec.postman import MailServerPostman
from crinale.connectors.web_calls import WebCalls
from crinale.kernel.errors import CrinaleError
from crinale.services.console.ports import checkup, node_settings
from crinale.services.program_interface.ports import web_caller
from crinale.services.protocol_office.ports import scan_root
from crinale.spine.exchange import actions as exchange_actions
from crinale.spine.exchange import queries as exchange_queries
from crinale.spine.exchange.mail_ports import postman
from crinale.spine.exchange.ports import index_source, seal_trust, transport
from crinale.spine.identity.ports import single_sign_on
from crinale.spine.notify.ports import mailer
from crinale.spine.protocol.ports import deposit, seal_keys
from crinale.spine.records.ports import blob_store
from crinale.spine.tenancy import queries as tenancy_queries

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from crinale.connectors.aoo_soap.node import Desk
    from crinale.services.console.ports import Checkup, NodeSettings
    from crinale.spine.exchange.mail_ports import Postman
    from crinale.spine.records.ports import BlobStore
    from crinale.spine.records.signatures.certificates import TrustStore

# Every message asks where we are and whose certificate that is; both change a few times in a year.
KNOWN_SECONDS = 3.0
_MOST_KNOWN = 4096
K = TypeVar("K", bound="Hashable")
V = TypeVar("V")


class NoTlsKey(CrinaleError):
    """This node has no TLS certificate (secrets/tls/node.pem and node.key), so it cannot call other nodes."""


def bind() -> None:
    """Bind every port of this node."""
    home = NodeHome.current()
    keys = NodeKeys(home.secrets)
    store = FolderBlobStore(home.blobs)
    trust = cast("TrustStore", on_first_use(lambda: FollowedTrust(keys.trust)))
    mail_trust = cast("TrustStore", on_first_use(lambda: FollowedTrust(keys.mail_trust)))
    signer = _signers(FolderKeys(keys.root / "messages"))
    endpoint = _briefly(_endpoint)
    blob_store.bind(store)
    checkup.bind(on_first_use(lambda: _checkup(home)))
    node_settings.bind(on_first_use(lambda: _settings(home)))
    scan_root.bind(home.root / "scans")
    seal_keys.bind(FolderKeys(keys.root / "seals"))
    seal_trust.bind(trust)
    transport.bind(
        on_first_use(
            lambda: SoapTransport(
                tls=_tls(keys), trust=trust, store=store, signer=signer, own_endpoint=endpoint
            )
        )
    )
    soap_node.bind(
        on_first_use(
            lambda: Node(
                desk=cast("Desk", exchange_actions),
                store=store,
                trust=trust,
                endpoint=endpoint,
                peers=_briefly(exchange_queries.peer_areas),
                signer=signer,
            )
        )
    )
    postman.bind(on_first_use(lambda: _postman(home, keys, store=store, trust=mail_trust)))
    web_caller.bind(
        WebCalls(tls=lambda: tls_context(keys.authorities()), private=settings.CRINALE_PRIVATE_WEBHOOKS)
    )
    if (providers := openid(home)) is not None:
        single_sign_on.bind(providers)
    if (hub := settings.CRINALE_HUB_URL) and not home.settings().get("node", {}).get("hub"):
        index_source.bind(on_first_use(lambda: HubIndex(url=hub, tls=_tls(keys))))
    if notices := home.settings().get("notices"):
        password = home.existing_secret("notices") or ""
        mailer.bind(on_first_use(lambda: SmtpMailer(MailServer(**notices, password=password))))
    preservation = home.settings().get("preservation", {})
    if folder := preservation.get("folder"):
        # A path that is not absolute is of the home of the node.
        deposit.bind(FolderDeposit(home.root / folder, simulated=preservation.get("simulated") is True))
    if clock_file := home.settings().get("demonstration", {}).get("clock"):
        demo_clock.follow(Path(clock_file))


def _postman(home: NodeHome, keys: NodeKeys, *, store: BlobStore, trust: TrustStore) -> Postman:
    """Mail servers; in a demonstration the folder that `[mail] provider_folder` names, and its domains.

    A path that is not absolute is of the home of the node.
    """
    mail = home.settings().get("mail", {})
    if folder := mail.get("provider_folder"):
        domains = tuple(mail.get("provider_domains", ())) or ("pec.example",)
        return FolderPostman(FolderProvider(home.root / folder, domains=domains), store=store)
    return MailServerPostman(
        store=store,
        trust=trust,
        tls=lambda: tls_context(keys.mail_authorities()),
        password_of=keys.mail_password,
    )


def _checkup(home: NodeHome) -> Checkup:
    """The doctor's checks, whose modules no process needs before somebody asks for them."""
    from crinale.config.administration.checkup.pages import NodeCheckup

    return NodeCheckup(home)


def _settings(home: NodeHome) -> NodeSettings:
    from crinale.config.administration.node_settings import SettingsOfNode

    return SettingsOfNode(home)


def _signers(keys: FolderKeys) -> Callable[[str], Signer]:
    @cache
    def signer(aoo_code: str) -> Signer:
        return Signer(keys.for_area(aoo_code))

    return signer


def _endpoint(aoo_code: str) -> str | None:
    area = tenancy_queries.area_by_code(aoo_code)
    return (area.endpoint or None) if area else None


def _briefly(ask: Callable[[K], V]) -> Callable[[K], V]:
    """Remember good answers for a moment; that there is none is asked anew each time."""
    known: dict[K, tuple[float, V]] = {}

    def answer(key: K) -> V:
        until, value = known.get(key, (0.0, None))
        if value is not None and until > time.monotonic():
            return value
        found = ask(key)
        if found:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            known[key] = time.monotonic() + KNOWN_SECONDS, found
        return found

    return answer


def _tls(keys: NodeKeys) -> ssl.SSLContext:
    """TLS as a client: our certificate shown, the server's asked of the trusted authorities only."""
    if not keys.tls_certificate.is_file():
        raise NoTlsKey
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(keys.tls_certificate, keys.tls_key)
    for file in keys.authorities():
        context.load_verify_locations(file)
    return context
