"""Tables of the exchange.

Messages with receipts and evidence, mailboxes and mails (per body), and the index of areas (per node).
"""

from __future__ import annotations

from crinale.spine.exchange.models.index import (
    IndexedArea,
    IndexedBody,
    IndexEdition,
    IndexedOffice,
    IndexState,
)
from crinale.spine.exchange.models.mail import Mail, Mailbox, MailHabit, MailSighting
from crinale.spine.exchange.models.messages import Incident, Message, Parcel, Receipt, WireMessage

__all__ = [
    "Incident",
    "IndexEdition",
    "IndexState",
    "IndexedArea",
    "IndexedBody",
    "IndexedOffice",
    "Mail",
    "MailHabit",
    "MailSighting",
    "Mailbox",
    "Message",
    "Parcel",
    "Receipt",
    "WireMessage",
]
