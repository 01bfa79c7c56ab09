"""Everything that can be checked before a number is taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.spine.protocol.models import LinkKind
from crinale.spine.protocol.rules.parties import (
    MOST_RECIPIENTS,
    MOST_SENDERS,
    check_recipients,
    check_senders,
    party_as_received,
)
from crinale.spine.protocol.rules.subject import check_subject, subject_as_received

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.spine.protocol.actions.drafting import Context, Draft
    from crinale.spine.protocol.views import LinkData

LONGEST_DESCRIPTION = 500
LONGEST_ACT = 300
LONGEST_TEXT = 1000
MOST_LINKS = 50
MOST_DOCUMENTS = 500
CHANNELS = frozenset(
    {"", "aoo", "pec", "email", "post", "registered_post", "courier", "hand", "fax", "portal"}
)
_DAY = timedelta(days=1)


def check_draft(draft: Draft, context: Context) -> Draft:
    """Return the draft with everything in its registered spelling.

    :raises Invalid: naming the field that must be corrected; after this, nothing but the database refuses it.
    """
    if not draft.documents:
        raise Invalid("documents", "add the document to register")
    if len(draft.documents) > MOST_DOCUMENTS:
        raise Invalid("documents", f"register at most {MOST_DOCUMENTS} documents together")
    if len({one.document_id for one in draft.documents}) < len(draft.documents):
        raise Invalid("documents", "the same document is listed twice: remove one")
    if draft.channel not in CHANNELS:
        raise Invalid("channel", "choose how the document travelled")
    if draft.arrived_at is not None and draft.arrived_at > clock.now():
        raise Invalid("arrived_at", "a document cannot arrive after now")
    _check_deferral(draft)
    draft = replace(
        draft,
        links=check_links(draft.links),
        deferred_act=draft.deferred_act.strip(),
        deferred_reason=draft.deferred_reason.strip(),
    )
    return _as_received(draft, context) if draft.received_segnatura else _as_written_here(draft, context)


def _as_received(draft: Draft, context: Context) -> Draft:
    """Take what somebody else sealed as it stands: it must be registered (DPR 445/2000 art. 53).

    What is too long for the register is shortened there; the segnatura keeps it whole.
    """
    return replace(
        draft,
        subject=subject_as_received(draft.subject),
        senders=tuple(map(party_as_received, draft.senders[:MOST_SENDERS] or (context.own_party(),))),
        recipients=tuple(
            map(party_as_received, draft.recipients[:MOST_RECIPIENTS] or (context.own_party(),))
        ),
        documents=tuple(
            replace(one, description=one.description[:LONGEST_DESCRIPTION]) for one in draft.documents
        ),
    )


def _as_written_here(draft: Draft, context: Context) -> Draft:
    for position, one in enumerate(draft.documents):
        if len(one.description) > LONGEST_DESCRIPTION:
            raise Invalid(
                f"documents.{position}.description", f"shorten it to {LONGEST_DESCRIPTION} characters"
            )
    _check_received(draft)
    return replace(
        draft,
        subject=check_subject(draft.subject).subject,
        senders=check_senders(draft.senders or (context.own_party(),)),
        recipients=check_recipients(
            (context.own_party(),)
            if draft.direction == "incoming" and not draft.recipients
            else draft.recipients
        ),
    )


def _check_deferral(draft: Draft) -> None:
    """A registration is deferred by an act, for a stated cause (AgID guidelines 3.1.1, the protocol manual).

    The day of arrival is what the deferral keeps; what is registered on that day needs none.
    """
    act, reason = draft.deferred_act.strip(), draft.deferred_reason.strip()
    if not act and not reason:
        return
    if draft.direction != "incoming":
        raise Invalid("deferred_act", "only what came in can be registered late")
    if not act or len(act) > LONGEST_ACT:
        raise Invalid(
            "deferred_act", f"name the act that allows the deferral, in at most {LONGEST_ACT} characters"
        )
    if not reason or len(reason) > LONGEST_TEXT:
        raise Invalid("deferred_reason", f"say why, in at most {LONGEST_TEXT} characters")
    if draft.arrived_at is None:
        raise Invalid("arrived_at", "say when the document arrived: the deferral keeps that date")
    if clock.legal_day(draft.arrived_at) >= clock.today():
        raise Invalid("arrived_at", "it arrived today: register it without a deferral")


def check_links(links: Sequence[LinkData]) -> tuple[LinkData, ...]:
    """Return links in their registered spelling.

    :raises Invalid: naming what must be corrected.
    """
    if len(links) > MOST_LINKS:
        raise Invalid("links", f"link at most {MOST_LINKS} registrations together")
    seen = set()
    for position, one in enumerate(links):
        if one.relation not in LinkKind.values:
            raise Invalid(f"links.{position}.relation", "choose what the registrations are to each other")
        if len(one.reason) > LONGEST_TEXT:
            raise Invalid(f"links.{position}.reason", f"shorten it to {LONGEST_TEXT} characters")
        if (one.registration_id, one.relation) in seen:
            raise Invalid(f"links.{position}", "this registration is listed twice: remove one")
        seen.add((one.registration_id, one.relation))
    return tuple(replace(one, reason=one.reason.strip()) for one in links)


def _check_received(draft: Draft) -> None:
    now = clock.now()
    # One day of grace: clocks of two bodies may differ around midnight.
    if (
        draft.received is not None
        and draft.received.date
        and draft.received.date > clock.legal_day(now + _DAY)
    ):
        raise Invalid("received_identifier", "the sender's protocol cannot be of a day after today")
