"""What the tests of mail share: a memory store, settings of a mailbox, a provider with its keys."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crinale.connectors.aoo_soap.tests.support import MemoryStore
from crinale.connectors.pec.provider import Provider, Submitted
from crinale.connectors.pec.provider_keys import ProviderKeys
from crinale.connectors.pec.reading import MailReader
from crinale.spine.exchange.mail_values import MailboxSettings
from crinale.spine.records.signatures.certificates import TrustStore

if TYPE_CHECKING:
    from crinale.connectors.pec.limits import MailLimits
    from crinale.spine.exchange.mail_values import ReadMail
    from crinale.spine.records.blobs import BlobRef

OURS = "protocollo@pec.montieri.example"
THEIRS = "comune@pec.massa.example"
DOMAIN = "pec.montieri.example"


@cache
def provider() -> Provider:
    """A provider whose keys are made once."""
    keys = ProviderKeys.make(name="Gestore di prova", address=f"posta-certificata@{DOMAIN}")
    return Provider(name="Gestore di prova", domain=DOMAIN, keys=keys)


@cache
def stranger() -> Provider:
    """A provider of the same name and domain whose authority nobody believes."""
    keys = ProviderKeys.make(name="Gestore di prova", address=f"posta-certificata@{DOMAIN}")
    return Provider(name="Gestore di prova", domain=DOMAIN, keys=keys)


@cache
def trust() -> TrustStore:
    """Whom the tests believe."""
    return TrustStore.from_pem(provider().keys.authority_pem)


def put(store: MemoryStore, content: bytes) -> BlobRef:
    """Store a blob."""
    writer = store.writer()
    writer.write(content)
    return writer.commit()


def read(content: bytes, *, store: MemoryStore | None = None, limits: MailLimits | None = None) -> ReadMail:
    """Read a mail as the connector does."""
    store = store or MemoryStore()
    return MailReader(store, trust(), limits=limits).read(put(store, content))


def letter(
    *,
    body: bytes = b"Content-Type: text/plain\r\n\r\nSi trasmette.\r\n",
    subject: str = "Richiesta",
    **fields: str,
) -> bytes:
    """A mail of ours to them; ``fields`` with underscores for hyphens."""
    known = {
        "From": f"Comune di Montieri <{OURS}>",
        "To": THEIRS,
        "Subject": subject,
        "Date": "Mon, 23 Nov 2026 10:00:00 +0100",
        "Message-ID": "<nostro.1@montieri.example>",
        "MIME-Version": "1.0",
        **{name.replace("_", "-"): value for name, value in fields.items()},
    }
    return "".join(f"{name}: {value}\r\n" for name, value in known.items() if value).encode() + body


def submitted(raw: bytes | None = None, **other: Any) -> Submitted:
    """A mail handed to the provider."""
    return Submitted(raw if raw is not None else letter(), OURS, ((THEIRS, True),), **other)


def settings(**other: Any) -> MailboxSettings:
    """Settings of our mailbox."""
    known: dict[str, Any] = {
        "id": UUID(int=1),
        "area_code": "A1B2C3D",
        "address": OURS,
        "certified": True,
        "imap_host": "127.0.0.1",
        "imap_port": 1,
        "imap_security": "tls",
        "smtp_host": "127.0.0.1",
        "smtp_port": 1,
        "smtp_security": "tls",
        "user_name": OURS,
    }
    return MailboxSettings(**{**known, **other})
