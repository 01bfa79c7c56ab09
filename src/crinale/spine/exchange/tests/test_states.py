"""The state of a message is what its receipts say, and nothing else."""

from __future__ import annotations

from itertools import product

import pytest

from crinale.spine.exchange.rules.states import (
    Annulment,
    Direction,
    Errand,
    ImpossibleReceipt,
    Kind,
    Standing,
    State,
    derive,
    step,
)


def standing(direction: Direction, *kinds: Kind, confirm: bool = True) -> Standing:
    return derive(direction=direction, confirmation_requested=confirm, kinds=kinds)


@pytest.mark.parametrize(
    ("kinds", "state", "errand"),
    [
        ((), State.COMPOSED, Errand.FORWARD),
        ((Kind.SEALED,), State.SEALED, Errand.FORWARD),
        ((Kind.SEALED, Kind.ATTEMPT_FAILED), State.SENDING, Errand.FORWARD),
        ((Kind.SEALED, Kind.ATTEMPT_FAILED, Kind.EXHAUSTED), State.FAILED, Errand.NONE),
        ((Kind.SEALED, Kind.EXHAUSTED, Kind.RETRY_ORDERED), State.SENDING, Errand.FORWARD),
        ((Kind.SEALED, Kind.ACCEPTED), State.ACCEPTED, Errand.NONE),
        ((Kind.SEALED, Kind.ACCEPTED, Kind.REGISTERED), State.REGISTERED, Errand.NONE),
        ((Kind.SEALED, Kind.ACCEPTED, Kind.REFUSED), State.REFUSED, Errand.NONE),
        ((Kind.SEALED, Kind.REFUSED_AT_DOOR), State.REFUSED, Errand.NONE),
        ((Kind.SEALED, Kind.REFUSED_AT_DOOR, Kind.RETRY_ORDERED), State.SENDING, Errand.FORWARD),
    ],
)
def test_a_sent_message_goes_from_seal_to_outcome(
    kinds: tuple[Kind, ...], state: State, errand: Errand
) -> None:
    found = standing("out", *kinds)
    assert (found.state, found.errand) == (state, errand)


def test_without_a_requested_confirmation_acceptance_is_the_end() -> None:
    assert standing("out", Kind.SEALED, Kind.ACCEPTED, confirm=False).state is State.DELIVERED


def test_a_confirmation_that_overtakes_the_answer_counts() -> None:
    found = standing("out", Kind.SEALED, Kind.REGISTERED, Kind.ACCEPTED)
    assert found.state is State.REGISTERED


def test_a_confirmation_after_all_answers_were_lost_counts() -> None:
    found = standing("out", Kind.SEALED, Kind.ATTEMPT_FAILED, Kind.EXHAUSTED, Kind.REGISTERED)
    assert (found.state, found.stuck) == (State.REGISTERED, False)


@pytest.mark.parametrize(
    ("kinds", "confirm", "state", "errand"),
    [
        ((Kind.ACCEPTED,), True, State.ACCEPTED, Errand.PROCESS),
        ((Kind.ACCEPTED, Kind.WAITING), True, State.TO_REGISTER, Errand.NONE),
        ((Kind.ACCEPTED, Kind.REGISTERED), True, State.REGISTERED, Errand.CONFIRM),
        ((Kind.ACCEPTED, Kind.REGISTERED), False, State.REGISTERED, Errand.NONE),
        ((Kind.ACCEPTED, Kind.REGISTERED, Kind.NOTIFIED), True, State.REGISTERED, Errand.NONE),
        ((Kind.ACCEPTED, Kind.REFUSED), True, State.REFUSED, Errand.CONFIRM),
        ((Kind.ACCEPTED, Kind.WAITING, Kind.REFUSED, Kind.NOTIFIED), True, State.REFUSED, Errand.NONE),
        ((Kind.REFUSED_AT_DOOR,), True, State.REFUSED, Errand.NONE),
        ((Kind.REFUSED_AT_DOOR, Kind.REFUSED_AT_DOOR, Kind.ACCEPTED), True, State.ACCEPTED, Errand.PROCESS),
        ((Kind.REFUSED_AT_DOOR, Kind.ACCEPTED, Kind.REFUSED), True, State.REFUSED, Errand.CONFIRM),
        ((Kind.ACCEPTED, Kind.REGISTERED, Kind.EXHAUSTED), True, State.REGISTERED, Errand.NONE),
    ],
)
def test_a_received_message_owes_its_processing_then_its_answer(
    kinds: tuple[Kind, ...], confirm: bool, state: State, errand: Errand
) -> None:
    found = standing("in", *kinds, confirm=confirm)
    assert (found.state, found.errand) == (state, errand)


def test_an_annulment_waits_until_the_other_side_knows_the_registration() -> None:
    before = standing("out", Kind.SEALED, Kind.ACCEPTED, Kind.ANNULLED)
    assert (before.state, before.errand) == (State.ACCEPTED, Errand.NONE)
    after = step(before, Kind.REGISTERED)
    assert after.errand is Errand.ANNUL
    assert step(after, Kind.ANNULMENT_NOTIFIED).annulment is Annulment.NOTIFIED

    here = standing("in", Kind.ACCEPTED, Kind.REGISTERED, Kind.ANNULLED)
    assert here.errand is Errand.CONFIRM
    assert step(here, Kind.NOTIFIED).errand is Errand.ANNUL


def test_annulling_what_nobody_accepted_withdraws_it() -> None:
    found = standing("out", Kind.SEALED, Kind.ATTEMPT_FAILED, Kind.ANNULLED)
    assert (found.state, found.errand) == (State.WITHDRAWN, Errand.NONE)
    assert step(found, Kind.REGISTERED).errand is Errand.ANNUL


def test_a_sender_that_asks_again_is_owed_the_answer_that_was_given_up() -> None:
    given_up = standing("in", Kind.ACCEPTED, Kind.REGISTERED, Kind.EXHAUSTED)
    assert (given_up.errand, step(given_up, Kind.REPEATED).errand) == (Errand.NONE, Errand.CONFIRM)
    told = standing("in", Kind.ACCEPTED, Kind.REGISTERED, Kind.NOTIFIED, Kind.ANNULLED, Kind.EXHAUSTED)
    assert step(told, Kind.REPEATED).errand is Errand.NONE  # it has the answer; our annulment stays stuck


@pytest.mark.parametrize(
    ("direction", "kinds"),
    [
        ("in", (Kind.REGISTERED,)),
        ("in", (Kind.ACCEPTED, Kind.REGISTERED, Kind.REGISTERED)),
        ("in", (Kind.ACCEPTED, Kind.REGISTERED, Kind.REFUSED)),
        ("in", (Kind.ACCEPTED, Kind.REFUSED, Kind.REGISTERED)),
        ("in", (Kind.ACCEPTED, Kind.ACCEPTED)),
        ("out", (Kind.SEALED, Kind.ACCEPTED, Kind.REFUSED, Kind.REGISTERED)),
        ("out", (Kind.SEALED, Kind.SEALED)),
    ],
)
def test_a_receipt_that_contradicts_the_others_is_impossible(
    direction: Direction, kinds: tuple[Kind, ...]
) -> None:
    with pytest.raises(ImpossibleReceipt):
        standing(direction, *kinds)


def test_a_message_is_registered_at_most_once_whatever_happens() -> None:
    """Every sequence of up to five receipts either is impossible or leads from registered nowhere else."""
    directions: tuple[Direction, ...] = ("in", "out")
    kinds = [kind for kind in Kind if kind not in {Kind.ANNULMENT_REFUSED, Kind.REPEATED}]
    for direction in directions:
        reached = {Standing(direction=direction, confirmation_requested=True)}
        for _ in range(5):
            following = set()
            for found, kind in product(reached, kinds):
                try:
                    after = step(found, kind)
                except ImpossibleReceipt:
                    continue
                assert found.state is not State.REGISTERED or after.state is State.REGISTERED
                following.add(after)
            reached |= following
