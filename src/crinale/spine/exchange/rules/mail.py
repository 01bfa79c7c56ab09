"""What mail means for the register: which mails are the same, what they prove, which segnatura they carry.

Norms: DPR 68/2005 with its technical rules (DM 2 November 2005), Circolare AgID 60/2013, appendix C of
Allegato 6.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from uuid import UUID

from crinale.kernel.digests import canonical_json, sha256
from crinale.spine.exchange.rules.states import Kind, State

if TYPE_CHECKING:
    from crinale.spine.exchange.mail_values import MailKind, ReadMail

# The providers themselves give a notice after 12 and 24 hours; this is for when even that does not come.
ACCEPTANCE_WITHIN: Final = timedelta(hours=24)
DELIVERY_WITHIN: Final = timedelta(hours=24)
WITHIN: Final = {State.HANDED_OVER: ACCEPTANCE_WITHIN, State.TAKEN: DELIVERY_WITHIN}


class Edition(StrEnum):
    """The segnatura that goes with a mail."""

    CIRCOLARE_2013 = "60/2013"
    CIRCOLARE_2001 = "2001/2009"
    APPENDIX_C = "appendix_c"
    NONE = "none"


EDITION_OF: Final[dict[str, str]] = {
    "3.0.0": Edition.APPENDIX_C,
    "60/2013": Edition.CIRCOLARE_2013,
    "28/2001": Edition.CIRCOLARE_2001,
}


class HabitKind(StrEnum):
    """What a habit is about; the closest one counts."""

    ADDRESS = "address"
    AREA = "area"
    DOMAIN = "domain"


class MailState(StrEnum):
    """What became of a mail."""

    TO_REGISTER = "to_register"  # waits for a clerk
    TIED = "tied"  # belongs to a message of the exchange
    REGISTERED = "registered"
    SET_ASIDE = "set_aside"
    UNMATCHED = "unmatched"  # a receipt or an answer of which the message is not known
    TROUBLED = "troubled"  # an internal error; the clerk sees it all the same


DOCUMENT: Final = "document"  # in a Message-ID of ours: the mail that carries the document itself
WAITING: Final = (MailState.TO_REGISTER, MailState.UNMATCHED, MailState.TROUBLED)

RECEIPTS: Final[dict[MailKind, Kind]] = {
    "acceptance": Kind.TAKEN,
    "non_acceptance": Kind.NOT_TAKEN,
    "taken_charge": Kind.TAKEN_CHARGE,
    "delivery": Kind.DELIVERED,
    "non_delivery": Kind.NOT_DELIVERED,
    "delivery_warning": Kind.WARNED,
    "virus_detected": Kind.NOT_DELIVERED,
}


def proven(read: ReadMail) -> bool:
    """Whether a provider that this node trusts signed the envelope: anybody can write the rest."""
    signature = read.signature
    return signature is not None and signature.present and signature.intact and signature.trusted


def identity_of(read: ReadMail, blob_sha256: str) -> str:
    """Return what makes two copies of a mail the same, as a digest.

    The identifier of a certified mail is shared by its receipts, so their kind, recipient and instant count
    too; it is believed only from a trusted provider. Any other mail is its Message-ID and its bytes.
    """
    data = read.certification
    if data is not None and data.identifier and proven(read):
        at = data.at.isoformat() if data.at else ""
        key = ["certified", read.kind, data.provider, data.identifier, data.delivered_to.lower(), at]
    else:
        key = ["mail", read.outer_message_id or read.message_id, blob_sha256]
    return sha256(canonical_json(key)).hex()


def message_id_for(message_id: UUID, what: str, address: str) -> str:
    """Return the Message-ID of a mail about a message: always the same, so that it may be sent again."""
    return f"crinale.{message_id.hex}.{what}@{address.rpartition('@')[2].lower()}"


def message_of(mail_message_id: str) -> tuple[UUID, str] | None:
    """Return the message and the errand that a Message-ID of ours names."""
    local = mail_message_id.strip("<> ").partition("@")[0].split(".")
    if len(local) != 3 or local[0] != "crinale":
        return None
    try:
        return UUID(hex=local[1]), local[2]
    except ValueError:
        return None
