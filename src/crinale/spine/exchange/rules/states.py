"""The one state machine of the exchange: what a message is, told by the receipts that prove it.

A message is never "set" to a state. Each step leaves a receipt (append-only) and the standing of the
message is the fold of its receipts, in order, over the tables below. What is still owed (the *errand*)
follows from it too, so that a crash at any point leaves a message whose next step anybody can compute
(Allegato 6, section 3.1). Mail takes the same way with more steps: handed to the provider, taken by it
(ricevuta di accettazione), delivered (avvenuta consegna), and its receipts may come in any order
(DPR 68/2005, DM 2 November 2005).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Direction = Literal["out", "in"]


class State(StrEnum):
    """Where a message stands."""

    COMPOSED = "composed"  # out: registered, seal still being made
    SEALED = "sealed"  # out: ready to go
    SENDING = "sending"  # out: at least one attempt failed, more will follow
    HANDED_OVER = "handed_over"  # out, by mail: our provider has it, its receipt of acceptance is awaited
    TAKEN = "taken"  # out, by mail: accepted by our provider, the receipt of delivery is awaited
    SENT = "sent"  # out, by mail: gone to an ordinary address, from where no receipt comes
    ACCEPTED = "accepted"  # the recipient verified seal and digests
    DELIVERED = "delivered"  # out: accepted and no confirmation was requested
    TO_REGISTER = "to_register"  # in: waits for the clerk's decision
    REGISTERED = "registered"  # the recipient's number is known
    REFUSED = "refused"  # an anomaly: the transaction is not concluded
    FAILED = "failed"  # out: retries used up, escalated
    WITHDRAWN = "withdrawn"  # out: annulled before the other side accepted it


class Kind(StrEnum):
    """The kinds of receipts."""

    SEALED = "sealed"
    ATTEMPT_FAILED = "attempt_failed"
    EXHAUSTED = "exhausted"
    RETRY_ORDERED = "retry_ordered"
    ACCEPTED = "accepted"
    REFUSED_AT_DOOR = "refused_at_door"  # 001 or 002, said in the answer itself
    REPEATED = "repeated"  # the same message once more; answered as the first time
    WAITING = "waiting"
    REGISTERED = "registered"
    REFUSED = "refused"  # 000, 003 to 006, told by ConfermaMessaggioInoltro
    NOTIFIED = "notified"  # in: the sender acknowledged our confirmation or refusal
    ANNULLED = "annulled"  # annulled on this side
    ANNULMENT_NOTIFIED = "annulment_notified"  # the other side took note
    ANNULMENT_REFUSED = "annulment_refused"  # the other side answered 000 or 007
    ANNULLED_THERE = "annulled_there"  # the other side annulled and told us
    HANDED_OVER = "handed_over"  # the mail server took a mail of ours
    DISPATCHED = "dispatched"  # it goes to an ordinary address: no receipt will prove its delivery
    TAKEN = "taken"  # ricevuta di accettazione
    NOT_TAKEN = "not_taken"  # avviso di non accettazione
    TAKEN_CHARGE = "taken_charge"  # ricevuta di presa in carico, between providers
    DELIVERED = "delivered"  # ricevuta di avvenuta consegna
    NOT_DELIVERED = "not_delivered"  # avviso di mancata consegna, or of a virus
    WARNED = "warned"  # preavviso di mancata consegna
    UPDATED = "updated"  # Aggiornamento.xml: the recipient changed what it had confirmed


class Errand(StrEnum):
    """What this side still owes to a message."""

    NONE = ""
    FORWARD = "forward"
    PROCESS = "process"
    CONFIRM = "confirm"
    ANNUL = "annul"


class Annulment(StrEnum):
    """How far an annulment went."""

    NONE = ""
    HERE = "here"
    NOTIFIED = "notified"
    REFUSED = "refused"
    THERE = "there"


class ImpossibleReceipt(ValueError):
    """This receipt cannot follow the ones that the message already has."""


_UNSENT: Final = (State.SEALED, State.SENDING)
_BY_MAIL: Final = (State.HANDED_OVER, State.TAKEN, State.SENT)
_OUT: Final[dict[tuple[State, Kind], State]] = {
    (State.COMPOSED, Kind.SEALED): State.SEALED,
    (State.COMPOSED, Kind.ANNULLED): State.WITHDRAWN,
    (State.WITHDRAWN, Kind.SEALED): State.WITHDRAWN,
    (State.WITHDRAWN, Kind.REFUSED): State.WITHDRAWN,
    **{(s, Kind.ATTEMPT_FAILED): State.SENDING for s in (State.SEALED, State.SENDING)},
    **{(s, Kind.EXHAUSTED): State.FAILED for s in (State.SEALED, State.SENDING)},
    **{
        (s, Kind.ACCEPTED): State.ACCEPTED
        for s in (State.SEALED, State.SENDING, State.FAILED, State.WITHDRAWN)
    },
    **{(s, Kind.REFUSED_AT_DOOR): State.REFUSED for s in (State.SEALED, State.SENDING, State.FAILED)},
    **{(s, Kind.RETRY_ORDERED): State.SENDING for s in (State.SENDING, State.FAILED)},
    # the confirmation may overtake the answer, or arrive although every answer was lost
    **{
        (s, Kind.REGISTERED): State.REGISTERED
        for s in (
            State.SEALED,
            State.SENDING,
            State.ACCEPTED,
            State.DELIVERED,
            State.FAILED,
            State.WITHDRAWN,
            *_BY_MAIL,
        )
    },
    **{
        (s, Kind.REFUSED): State.REFUSED
        for s in (State.SEALED, State.SENDING, State.ACCEPTED, State.DELIVERED, State.FAILED, *_BY_MAIL)
    },
    # what a mail server says; a receipt may overtake what this side knows of its own sending
    **{(s, Kind.HANDED_OVER): State.HANDED_OVER for s in (*_UNSENT, State.WITHDRAWN)},
    **{(s, Kind.DISPATCHED): State.SENT for s in (*_UNSENT, State.WITHDRAWN, State.HANDED_OVER, State.TAKEN)},
    **{(s, Kind.TAKEN): State.TAKEN for s in (*_UNSENT, State.WITHDRAWN, State.HANDED_OVER)},
    **{(s, Kind.NOT_TAKEN): State.REFUSED for s in (*_UNSENT, State.HANDED_OVER, State.FAILED)},
    **{(s, Kind.DELIVERED): State.ACCEPTED for s in (*_UNSENT, State.FAILED, State.WITHDRAWN, *_BY_MAIL)},
    **{(s, Kind.NOT_DELIVERED): State.FAILED for s in (*_UNSENT, *_BY_MAIL)},
    **{(s, Kind.RETRY_ORDERED): State.SENDING for s in (State.HANDED_OVER, State.TAKEN)},
    **{(s, Kind.ANNULLED): State.WITHDRAWN for s in (State.SEALED, State.SENDING, State.FAILED)},
}
_IN: Final[dict[tuple[State, Kind], State]] = {
    (State.COMPOSED, Kind.ACCEPTED): State.ACCEPTED,
    (State.COMPOSED, Kind.REFUSED_AT_DOOR): State.REFUSED,
    (State.ACCEPTED, Kind.WAITING): State.TO_REGISTER,
    **{(s, Kind.REGISTERED): State.REGISTERED for s in (State.ACCEPTED, State.TO_REGISTER)},
    **{(s, Kind.REFUSED): State.REFUSED for s in (State.ACCEPTED, State.TO_REGISTER)},
}
# receipts that prove something but move nothing, wherever they arrive
_STAYS: Final[dict[Direction, frozenset[Kind]]] = {
    "out": frozenset(Kind) - {Kind.SEALED, Kind.WAITING, Kind.REGISTERED, Kind.REFUSED},
    "in": frozenset(Kind) - {Kind.SEALED, Kind.WAITING, Kind.REGISTERED, Kind.REFUSED, Kind.ACCEPTED},
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The standing of a message: everything its receipts say at once."""

    direction: Direction
    confirmation_requested: bool
    by_mail: bool = False
    state: State = State.COMPOSED
    at_door: bool = False
    notified: bool = False
    stuck: bool = False
    annulment: Annulment = Annulment.NONE

    @property
    def errand(self) -> Errand:
        """What this side owes next; nothing while it is stuck, until a clerk or the other side moves it."""
        if self.stuck:
            return Errand.NONE
        return self._owed_out() if self.direction == "out" else self._owed_in()

    def _owed_out(self) -> Errand:
        if self.state in (State.COMPOSED, State.SEALED, State.SENDING):
            return Errand.FORWARD  # while composed it waits for its seal
        if self.state == State.REGISTERED and self.annulment == Annulment.HERE:
            return Errand.ANNUL
        return Errand.NONE

    def _owed_in(self) -> Errand:
        if self.state == State.ACCEPTED:
            return Errand.PROCESS
        # by mail there is no answer at the door, and a refusal is told even to who asked for no confirmation
        # (Eccezione.xml)
        asked = self.confirmation_requested or (self.by_mail and self.state == State.REFUSED)
        told = self.notified or (self.at_door and not self.by_mail) or not asked
        if self.state in (State.REGISTERED, State.REFUSED) and not told:
            return Errand.CONFIRM
        if self.state == State.REGISTERED and self.notified and self.annulment == Annulment.HERE:
            return Errand.ANNUL
        return Errand.NONE


_CAME_BACK: Final = (Kind.NOT_TAKEN, Kind.NOT_DELIVERED)
_MOVES_ON: Final = frozenset(
    {
        Kind.RETRY_ORDERED,
        Kind.REGISTERED,
        Kind.NOTIFIED,
        Kind.ANNULLED,
        Kind.ANNULMENT_NOTIFIED,
        Kind.DELIVERED,
    }
)
_ANNULMENTS: Final = {
    Kind.ANNULLED: Annulment.HERE,
    Kind.ANNULMENT_NOTIFIED: Annulment.NOTIFIED,
    Kind.ANNULMENT_REFUSED: Annulment.REFUSED,
    Kind.ANNULLED_THERE: Annulment.THERE,
}


def step(standing: Standing, kind: Kind) -> Standing:
    """Return the standing after one more receipt; ``ImpossibleReceipt`` if it cannot follow."""
    table = _OUT if standing.direction == "out" else _IN
    state = table.get((standing.state, kind))
    if _accepted_after_all(standing, kind):
        state = State.ACCEPTED if kind == Kind.ACCEPTED else State.SENDING
    if state is None:
        if kind not in _STAYS[standing.direction]:
            raise ImpossibleReceipt(f"{kind} after {standing.state} ({standing.direction})")
        state = standing.state
    if state == State.ACCEPTED and standing.direction == "out" and not standing.confirmation_requested:
        state = State.DELIVERED
    return replace(
        standing,
        state=state,
        at_door=_at_door(standing, kind),
        notified=_notified(standing, kind),
        stuck=_stuck(standing, kind),
        annulment=_ANNULMENTS.get(kind, standing.annulment),
    )


def _accepted_after_all(standing: Standing, kind: Kind) -> bool:
    """A message refused at the door was never accepted.

    Sender may send it again, recipient may accept it then.
    """
    again = Kind.RETRY_ORDERED if standing.direction == "out" else Kind.ACCEPTED
    return standing.state == State.REFUSED and standing.at_door and kind == again


def _at_door(standing: Standing, kind: Kind) -> bool:
    if kind == Kind.REFUSED_AT_DOOR and standing.state != State.REFUSED:
        return standing.state in (State.COMPOSED, State.SEALED, State.SENDING, State.FAILED)
    if kind == Kind.NOT_TAKEN and standing.direction == "out" and standing.state != State.REFUSED:
        return (standing.state, kind) in _OUT
    if kind == Kind.RETRY_ORDERED:
        return standing.at_door and standing.direction == "in"
    return standing.at_door and kind not in (Kind.ACCEPTED, Kind.REFUSED)


def _notified(standing: Standing, kind: Kind) -> bool:
    """An answer that went by mail and came back has told nobody; nor has a refusal that is taken back."""
    if standing.direction == "in" and kind in (*_CAME_BACK, Kind.ACCEPTED):
        return False
    return standing.notified or kind == Kind.NOTIFIED


def _stuck(standing: Standing, kind: Kind) -> bool:
    if kind == Kind.EXHAUSTED:
        return True
    if kind in _CAME_BACK and (standing.direction == "in" or (standing.state, kind) in _OUT):
        return kind == Kind.NOT_DELIVERED or standing.direction == "in"
    if kind in _MOVES_ON:
        return False
    if kind == Kind.REPEATED and standing.direction == "in" and not standing.notified:
        return False  # the sender is there again and still lacks our answer
    return standing.stuck


def derive(
    *, direction: Direction, confirmation_requested: bool, kinds: Iterable[str], by_mail: bool = False
) -> Standing:
    """Fold the receipts of a message, oldest first, into its standing."""
    standing = Standing(direction=direction, confirmation_requested=confirmation_requested, by_mail=by_mail)
    for kind in kinds:
        standing = step(standing, Kind(kind))
    return standing
