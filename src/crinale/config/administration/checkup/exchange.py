"""The exchange: the age of the index, the hub, this node's own rows, incidents that nobody closed."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings

from crinale.config.administration import key_files
from crinale.config.administration.checkup.findings import Finding, bad, good, warning
from crinale.config.administration.key_files import KeyPlace, KeyUse
from crinale.config.node_keys import NodeKeys
from crinale.kernel.errors import CrinaleError
from crinale.spine import tenancy
from crinale.spine.exchange import queries
from crinale.spine.exchange.models import IndexedArea, IndexState
from crinale.spine.exchange.ports import TransportFailure, index_source
from crinale.spine.identity import Actor
from crinale.spine.tenancy import queries as tenancy_queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.config.node import NodeHome

_OLD: Final = timedelta(days=7)
_SYSTEM: Final = Actor.system("console")


def index(_home: NodeHome) -> Iterator[Finding]:
    """The node knows whom it may write to, and did not learn it long ago."""
    ages = queries.index_age()
    if not ages:
        yield bad(
            "index", "it is empty: nobody can be written to", "crinale index import FILE, or index refresh"
        )
    for age in ages:
        subject = f"index from {age.source}"
        if age.failing_since:
            seen = f"failing since {age.failing_since:%Y-%m-%d %H:%M} UTC: {age.last_error}"
            yield warning(subject, seen, "see `crinale index refresh`; the last copy stays in use")
        elif age.age is None or age.age > _OLD:
            yield warning(
                subject, f"{age.age.days if age.age else 'many'} days old", "crinale index import FILE"
            )
        else:
            yield good(subject, f"{age.rows} rows, as of {age.as_of:%Y-%m-%d %H:%M} UTC")


def hub(home: NodeHome) -> Iterator[Finding]:
    """The hub answers."""
    if home.settings().get("node", {}).get("hub"):
        edition = queries.edition()
        if edition is None:
            yield bad("hub", "this hub has published nothing", "crinale index publish")
        else:
            yield good("hub", "this node is the hub, and has published an edition")
        return
    if not index_source.is_bound:
        yield warning(
            "hub", "this node has none", 'set hub = "https://HOST:PORT" under [exchange] in node.toml'
        )
        return
    state = IndexState.objects.filter(source="hub").first()
    try:
        index_source.get().fetch(etag=state.etag if state else "")
    except (TransportFailure, CrinaleError) as error:
        remedy = "see that it runs, that its certificate is trusted here, and that it trusts this node's"
        yield bad("hub", f"{settings.CRINALE_HUB_URL}: {error}", remedy)
    else:
        yield good("hub", f"{settings.CRINALE_HUB_URL} answers")


def enrolment(home: NodeHome) -> Iterator[Finding]:
    """Others find this node's areas at their addresses, with the certificates in use."""
    keys = NodeKeys(home.secrets)
    for area in tenancy_queries.areas():
        subject = f"enrolment of {area.code}"
        row = IndexedArea.objects.filter(aoo_code=area.code, active=True).first()
        remedy = "crinale index enrol --out FILE; on the hub: index import FILE, index publish"
        if row is None:
            yield warning(subject, "the index does not know it: others cannot write to it", remedy)
            continue
        wrong = ["address"] if row.endpoint != area.endpoint else []
        wrong += [
            f"{use} certificate"
            for use, listed in (
                (KeyUse.SEAL, row.seal_certificates),
                (KeyUse.MESSAGE, row.message_certificates),
            )
            if _certificate(KeyPlace.of(keys, use, area.code)) not in {None, *listed}
        ]
        if wrong:
            yield bad(subject, f"the index has another {' and '.join(wrong)}", remedy)
        else:
            yield good(subject, "the index has its address and its certificates")


def incidents(_home: NodeHome) -> Iterator[Finding]:
    """Nobody waits for a clerk to look at an incident."""
    for area in tenancy_queries.areas():
        with tenancy.scope(area.body_id):
            counts = queries.queue_counts(actor=_SYSTEM, area_id=area.id)
        if counts["incidents"]:
            seen = f"{counts['incidents']} messages have an open incident or failed for good"
            yield warning(f"incidents of {area.code}", seen, "the queue of its pages says whom to call")
        else:
            yield good(f"incidents of {area.code}", "none")


def _certificate(place: KeyPlace) -> str | None:
    if not place.certificate.is_file():
        return None
    own = key_files.read_certificates(place.certificate.read_bytes())[0]
    return b64encode(own.public_bytes(Encoding.DER)).decode()
