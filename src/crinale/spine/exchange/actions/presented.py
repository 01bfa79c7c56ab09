"""A received segnatura, read once, as the rules of the exchange want it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.kernel.errors import Invalid
from crinale.spine.exchange.rules.receiving import Addressee, Presented
from crinale.spine.protocol.rules.legacy_segnatura import parse_any_segnatura
from crinale.spine.protocol.rules.segnatura import InvalidSegnatura, parse

if TYPE_CHECKING:
    from crinale.spine.protocol.rules.identifier import Identifier
    from crinale.spine.protocol.rules.segnatura_data import DocumentData, SegnaturaData


@dataclass(frozen=True, slots=True)
class ReadSegnatura:
    """The segnatura as it came and what it says."""

    xml: bytes
    data: SegnaturaData

    @property
    def identifier(self) -> Identifier:
        """The sender's registration."""
        return self.data.identifier

    @property
    def documents(self) -> tuple[DocumentData, ...]:
        """The files that it names, primary document first."""
        return self.data.documents

    @property
    def sender_name(self) -> str:
        """The sender in words."""
        return self.data.sender.name or self.data.sender.display_name

    @property
    def presented(self) -> Presented:
        """What decides whether it can be received."""
        data = self.data
        return Presented(
            addressees=[
                Addressee(
                    ipa_code=one.ipa_code,
                    aoo_code=one.aoo_code,
                    confirm=one.confirm,
                    for_information=one.for_information,
                )
                for one in data.recipients
                if one.kind == "administration"
            ],
            subject=data.subject,
            classification_code=data.classification.code if data.classification else "",
            file_names=[one.file_name for one in data.documents],
            online=[one.file_name for one in data.documents if one.carrier == "online"],
        )


def read_segnatura(xml: bytes) -> ReadSegnatura:
    """Read a segnatura.

    :raises Invalid: when it is not one of version 3.0.0, the only one that this interface carries.
    """
    try:
        data = parse(xml)
    except InvalidSegnatura as invalid:
        raise Invalid("Segnatura", "; ".join(invalid.problems)) from invalid
    if data.version != "3.0.0":
        raise Invalid("Segnatura", f"send version 3.0.0, not {data.version}")
    return ReadSegnatura(xml=xml, data=data)


def read_mailed_segnatura(xml: bytes) -> ReadSegnatura:
    """Read a segnatura of a mail: version 3.0.0, that of Circolare 60/2013 or that of 2001/2009.

    :raises Invalid: when it is none of them.
    """
    try:
        return ReadSegnatura(xml=xml, data=parse_any_segnatura(xml))
    except InvalidSegnatura as invalid:
        raise Invalid("Segnatura", "; ".join(invalid.problems)) from invalid
