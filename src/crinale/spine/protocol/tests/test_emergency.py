from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.protocol import actions, queries
from crinale.spine.protocol.actions.emergency import EmergencyIsOpen, NumberIsTaken
from crinale.spine.protocol.rules.emergency import Extension, allowed_until, check_extension
from crinale.spine.protocol.tests.town import SUBJECT, SYSTEM, Town, citizen
from crinale.spine.protocol.views import EnclosureData

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.spine.protocol.views import EmergencyView

BEGIN = datetime(2030, 3, 4, 8, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def back_again() -> Iterator[None]:
    """The system is back three hours after it failed."""
    with clock.frozen(BEGIN + 3 * HOUR):
        yield


def _open(town: Town, *, started_at: datetime = BEGIN) -> EmergencyView:
    return actions.open_emergency(
        actor=SYSTEM,
        area_id=town.area_id,
        cause="Guasto della rete elettrica",
        authorisation="Nota 3/2030 del responsabile",
        started_at=started_at,
    )


def _closed(town: Town, total: int = 2) -> EmergencyView:
    opened = _open(town)
    return actions.close_emergency(
        actor=SYSTEM, emergency_id=opened.id, restored_at=BEGIN + 2 * HOUR, totals={BEGIN.date(): total}
    )


def _line(town: Town, number: int, **changes: object) -> actions.EmergencyLine:
    line = {
        "number": number,
        "entered_on_paper_at": BEGIN + HOUR,
        "direction": "incoming",
        "subject": SUBJECT,
        "classification": "6.10",
        "documents": [EnclosureData(town.document_id)],
        "sender": citizen(),
    }
    return actions.EmergencyLine(**{**line, **changes})  # type: ignore[arg-type]


def test_beyond_24_hours_acts_follow_each_other_one_week_at_a_time() -> None:
    assert allowed_until(BEGIN, []) == BEGIN + DAY
    first = Extension("Atto 1", BEGIN + DAY, BEGIN + 8 * DAY)
    second = Extension("Atto 2", BEGIN + 8 * DAY, BEGIN + 15 * DAY)
    after_a_gap = Extension("Atto 3", BEGIN + 16 * DAY, BEGIN + 17 * DAY)
    assert allowed_until(BEGIN, [second, first, after_a_gap]) == BEGIN + 15 * DAY
    for wrong in (
        Extension("Atto", BEGIN + DAY, BEGIN + 9 * DAY),
        Extension("Atto", BEGIN + 2 * DAY, BEGIN + 3 * DAY),
        Extension(" ", BEGIN + DAY, BEGIN + 2 * DAY),
    ):
        with pytest.raises(Invalid):
            check_extension(wrong, until=BEGIN + DAY)


def test_a_line_gets_its_ordinary_number_and_keeps_its_own(town: Town) -> None:
    closed = _closed(town)
    entered = actions.enter_emergency_registration(actor=SYSTEM, emergency_id=closed.id, line=_line(town, 12))
    assert (entered.number, entered.emergency_number) == (1, "0000012")
    assert queries.registration(actor=SYSTEM, registration_id=entered.id).emergency_number == "0000012"
    outgoing = _line(town, 13, direction="outgoing", sender=None, recipients=[citizen()])
    assert (
        actions.enter_emergency_registration(actor=SYSTEM, emergency_id=closed.id, line=outgoing).number == 2
    )
    [day] = queries.emergencies(actor=SYSTEM, area_id=town.area_id)[0].days
    assert (day.day, day.declared, day.entered) == (BEGIN.date(), 2, 2)


def test_what_was_confidential_on_paper_stays_so(town: Town) -> None:
    closed = _closed(town)
    for number, direction in ((1, "incoming"), (2, "outgoing")):
        line = _line(town, number, direction=direction, recipients=[citizen()], confidential=True)
        if direction == "outgoing":
            line = replace(line, sender=None)
        assert actions.enter_emergency_registration(
            actor=SYSTEM, emergency_id=closed.id, line=line
        ).confidential


def test_emergency_numbers_are_unique_across_interruptions(town: Town) -> None:
    first = _closed(town)
    actions.enter_emergency_registration(actor=SYSTEM, emergency_id=first.id, line=_line(town, 1))
    with clock.frozen(BEGIN + 3 * DAY):
        again = _open(town, started_at=BEGIN + 2 * DAY)
        again = actions.close_emergency(
            actor=SYSTEM,
            emergency_id=again.id,
            restored_at=BEGIN + 2 * DAY + HOUR,
            totals={date(2030, 3, 6): 1},
        )
        line = _line(town, 1, entered_on_paper_at=BEGIN + 2 * DAY)
        with pytest.raises(NumberIsTaken):
            actions.enter_emergency_registration(actor=SYSTEM, emergency_id=again.id, line=line)


def test_lines_outside_the_interruption_or_beyond_the_totals_are_refused(town: Town) -> None:
    closed = _closed(town, total=1)
    for at in (BEGIN - HOUR, BEGIN + 3 * HOUR):
        with pytest.raises(Invalid):
            actions.enter_emergency_registration(
                actor=SYSTEM, emergency_id=closed.id, line=_line(town, 5, entered_on_paper_at=at)
            )
    actions.enter_emergency_registration(actor=SYSTEM, emergency_id=closed.id, line=_line(town, 5))
    with pytest.raises(Invalid):
        actions.enter_emergency_registration(actor=SYSTEM, emergency_id=closed.id, line=_line(town, 6))
    assert town.send().number == 2


def test_beyond_24_hours_a_line_needs_an_act(town: Town) -> None:
    with clock.frozen(BEGIN + 3 * DAY):
        opened = _open(town)
        days = {(BEGIN + passed * DAY).date(): 1 for passed in range(3)}
        closed = actions.close_emergency(
            actor=SYSTEM, emergency_id=opened.id, restored_at=BEGIN + 2 * DAY, totals=days
        )
        line = _line(town, 1, entered_on_paper_at=BEGIN + 30 * HOUR)
        with pytest.raises(Invalid):
            actions.enter_emergency_registration(actor=SYSTEM, emergency_id=closed.id, line=line)
        actions.extend_emergency(
            actor=SYSTEM,
            emergency_id=closed.id,
            act="Atto 7/2030",
            valid_from=BEGIN + DAY,
            valid_to=BEGIN + 2 * DAY,
        )
        assert (
            actions.enter_emergency_registration(actor=SYSTEM, emergency_id=closed.id, line=line).number == 1
        )


def test_one_emergency_at_a_time_and_only_by_who_may(town: Town) -> None:
    _open(town)
    with pytest.raises(EmergencyIsOpen):
        _open(town)
    with pytest.raises(NotVisible):
        actions.open_emergency(
            actor=town.clerk("protocol_clerk"),
            area_id=town.area_id,
            cause="Guasto",
            authorisation="Nota",
            started_at=BEGIN,
        )


def test_totals_name_each_day_of_the_interruption(town: Town) -> None:
    opened = _open(town)
    for totals in ({}, {date(2030, 3, 5): 1}, {BEGIN.date(): -1}):
        with pytest.raises(Invalid):
            actions.close_emergency(
                actor=SYSTEM, emergency_id=opened.id, restored_at=BEGIN + HOUR, totals=totals
            )


TABLE = """numero;data;ora;flusso;tipo;nome;cognome;oggetto;classificazione;canale;protocollo;del;riservato
13;04/03/2030;10:15;U;impresa;Edilizia Verdi srl;;Trasmissione del verbale di sopralluogo;6.10;posta;;;
12;04/03/2030;10.05;E;persona;Giulia;Fabbrì;Richiesta di accesso agli atti;6.10;;A/7;01/03/2030;sì
"""


def test_a_table_is_entered_in_the_order_of_its_numbers(town: Town) -> None:
    closed = _closed(town)
    tried = actions.enter_emergency_lines(actor=SYSTEM, emergency_id=closed.id, text=TABLE, dry_run=True)
    assert [one.emergency_number for one in tried.entered] == ["0000012", "0000013"]
    assert [one.days[0].entered for one in queries.emergencies(actor=SYSTEM, area_id=town.area_id)] == [0]
    made = actions.enter_emergency_lines(actor=SYSTEM, emergency_id=closed.id, text=TABLE)
    first, second = made.entered
    assert (first.number, first.direction, first.confidential) == (1, "incoming", True)
    assert first.received is not None
    assert (first.received.number, first.received.date) == ("A/7", date(2030, 3, 1))
    assert (second.recipients[0].name, second.channel) == ("Edilizia Verdi srl", "post")
    again = actions.enter_emergency_lines(actor=SYSTEM, emergency_id=closed.id, text=TABLE)
    assert [(one.line, one.column) for one in again.faults] == [(2, "numero"), (3, "numero")]
    assert town.send().number == 3


def test_one_faulty_line_keeps_the_whole_table_out_and_each_fault_names_its_column(town: Town) -> None:
    closed = _closed(town)
    head, outgoing, incoming = TABLE.splitlines()
    wrong = [
        outgoing.replace("13;", "x;", 1),
        outgoing.replace("04/03/2030", "31/02/2030"),
        outgoing.replace("10:15", "25:00"),
        outgoing.replace(";U;", ";Z;"),
        outgoing.replace("impresa", "cane"),
        outgoing.replace("10:15", "20:15").replace("13;", "14;", 1),
        outgoing.replace("Trasmissione del verbale di sopralluogo", "").replace("13;", "15;", 1),
        outgoing.replace("6.10", "99.99").replace("13;", "16;", 1),
    ]
    found = actions.enter_emergency_lines(
        actor=SYSTEM, emergency_id=closed.id, text="\n".join([head, incoming, *wrong])
    )
    assert found.entered == ()
    assert [(one.line, one.column) for one in found.faults] == [
        (3, "numero"),
        (4, "data"),
        (5, "ora"),
        (6, "flusso"),
        (7, "tipo"),
        (8, "ora"),
        (9, "oggetto"),
        (10, "classificazione"),
    ]
    assert town.send().number == 1


@pytest.mark.parametrize(
    "text", ["", "numero;data\n1;2\n", TABLE.replace("riservato", "segreto"), "x" * 200_000]
)
def test_what_is_not_such_a_table_is_refused_as_a_whole(town: Town, text: str) -> None:
    closed = _closed(town)
    with pytest.raises(Invalid):
        actions.enter_emergency_lines(actor=SYSTEM, emergency_id=closed.id, text=text)


def test_the_lines_of_a_table_are_not_more_than_declared(town: Town) -> None:
    closed = _closed(town, total=1)
    found = actions.enter_emergency_lines(actor=SYSTEM, emergency_id=closed.id, text=TABLE)
    assert [one.line for one in found.faults] == [2]
