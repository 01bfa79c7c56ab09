"""A segnatura in words, of any edition: who sends what to whom, under which number, with which digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from crinale.services.protocol_office.queries.previews.shown import (
    MOST_LINES,
    Preview,
    Section,
    facts,
    words,
)
from crinale.spine.protocol import queries as protocol

if TYPE_CHECKING:
    from crinale.spine.protocol.rules.segnatura_data import SegnaturaData


def shown(xml: bytes) -> Preview | None:
    """Show a segnatura; nothing when it is none, or is not well made."""
    said = protocol.read_segnatura(xml)
    return None if said is None else _shown(said)


def _shown(said: SegnaturaData) -> Preview:
    number, heading = said.identifier, said.classification
    about = facts(
        (_("Edition"), said.version),
        (_("Sender"), said.sender.display_name),
        (_("Sender's protocol"), f"{number.number_text}/{number.year}"),
        (_("Date"), f"{number.date:%d/%m/%Y}"),
        (_("Subject"), said.subject),
        (_("Classification of the sender"), f"{heading.code} {heading.title}".strip() if heading else ""),
        (_("Confidential"), _("yes") if said.confidential else ""),
    )
    recipients = tuple((one.display_name, one.email) for one in said.recipients[:MOST_LINES])
    documents = tuple(
        (one.file_name, one.mime_type, one.digest.value.hex() if one.digest else "")
        for one in said.documents[:MOST_LINES]
    )
    return words(
        "XML segnatura",
        Section(title=_("What the segnatura says"), facts=about),
        Section(
            title=_("Recipients"),
            columns=(_("Name"), _("E-mail or PEC")),
            rows=recipients,
            more=len(said.recipients) - len(recipients),
        ),
        Section(
            title=_("Documents"),
            columns=(_("Name"), _("Kind"), _("Digest")),
            rows=documents,
            more=len(said.documents) - len(documents),
        ),
    )
