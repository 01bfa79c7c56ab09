"""Bodies, unions, areas, offices and filing plans, from the console; mistakes are told by their option."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.config.administration.bodies import body_id
from crinale.spine import tenancy
from crinale.spine.protocol import queries as protocol
from crinale.spine.records import queries as records
from crinale.spine.tenancy import queries

if TYPE_CHECKING:
    from pathlib import Path

    from crinale.config.administration.tests.conftest import Console


def test_a_body_is_added_and_a_fact_names_the_user(console: Console) -> None:
    console.do(
        "body",
        "add",
        "c_f032",
        "--name",
        "Comune di Massa Marittima",
        "--istat",
        "053015",
        "--patron-day",
        "10-10",
    )
    made = queries.body_by_ipa_code("c_f032")
    assert made is not None
    assert (made.kind, made.istat_code, made.patron_day, made.union) == (
        "municipality",
        "053015",
        "10-10",
        False,
    )
    assert "Comune di Massa Marittima" in console.do("body", "list")
    assert "patron's day 10-10" in console.do("body", "show", "C_F032")
    (fact,) = console.facts("body.created")
    assert fact["actor"] == "console"
    assert fact["operator"]


def test_a_body_is_the_same_on_every_node(console: Console) -> None:
    console.do("body", "add", "c_F032", "--name", "Comune di Massa Marittima")
    assert [one.id for one in queries.bodies()] == [body_id("c_f032")]


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (("c f032", "--name", "X"), "'IPA': an IPA code has letters"),
        (("c_i454", "--name", " "), "'--name': write a name"),
        (
            ("c_i454", "--name", "X", "--istat", "5301"),
            "'--istat': an ISTAT code of a municipality has six digits",
        ),
        (("c_i454", "--name", "X", "--patron-day", "30-02"), "'--patron-day': write month and day as MM-DD"),
        (("C_F032", "--name", "X"), "'IPA': c_f032 is known here already: Comune di Massa Marittima"),
        (("c_i454", "--name", "X", "--kind", "town"), "'--kind'"),
    ],
)
def test_a_body_with_a_mistake_is_refused_by_its_option(
    console: Console, mistake: tuple[str, ...], said: str
) -> None:
    console.do("body", "add", "c_f032", "--name", "Comune di Massa Marittima")
    assert said in console.refuse("body", "add", *mistake)


def test_towns_join_and_leave_a_union(console: Console) -> None:
    console.do("body", "add", "uc_cmet", "--name", "Unione Colline Metallifere", "--kind", "union")
    console.do("body", "add", "c_i454", "--name", "Comune di Sassetta")
    union = body_id("uc_cmet")
    console.do("body", "join", "--union", "uc_cmet", "--member", "c_i454", "--from", "2001-01-01")
    assert [one.ipa_code for one in queries.members(union)] == ["c_i454"]
    again = ("body", "join", "--union", "uc_cmet", "--member", "c_i454", "--from", "2020-01-01")
    assert "'--from': the body belongs to this union already" in console.refuse(*again)
    console.do("body", "leave", "--union", "uc_cmet", "--member", "c_i454", "--on", "2019-07-01")
    assert queries.members(union) == []
    assert "from 2001-01-01 until 2019-07-01" in console.do("body", "show", "c_i454")
    console.do(*again, "--until", "2021-01-01")
    assert len(console.facts("membership.opened")) == 2
    assert len(console.facts("membership.closed")) == 1


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (
            ("join", "--union", "c_i454", "--member", "uc_cmet", "--from", "2001-01-01"),
            "'--union': Comune di Sassetta is not a union",
        ),
        (
            ("join", "--union", "uc_xxx", "--member", "c_i454", "--from", "2001-01-01"),
            "'--union': no body with the IPA code uc_xxx is known here: there is c_i454, uc_cmet",
        ),
        (("join", "--union", "uc_cmet", "--member", "c_i454", "--from", "1/1/2001"), "'--from'"),
        (
            (
                "join",
                "--union",
                "uc_cmet",
                "--member",
                "c_i454",
                "--from",
                "2001-01-01",
                "--until",
                "2000-01-01",
            ),
            "'--until'",
        ),
        (
            ("leave", "--union", "uc_cmet", "--member", "c_i454", "--on", "2001-01-01"),
            "'--member': Comune di Sassetta has no open membership",
        ),
    ],
)
def test_a_membership_with_a_mistake_is_refused(
    console: Console, mistake: tuple[str, ...], said: str
) -> None:
    console.do("body", "add", "uc_cmet", "--name", "Unione", "--kind", "union")
    console.do("body", "add", "c_i454", "--name", "Comune di Sassetta")
    assert said in console.refuse("body", *mistake)


def test_an_area_comes_with_its_register_and_the_model_plan(console: Console) -> None:
    console.do("body", "add", "c_f032", "--name", "Comune di Massa Marittima")
    said = console.do(
        "area",
        "add",
        "af03201",
        "--body",
        "c_f032",
        "--name",
        "Protocollo generale",
        "--incoming",
        "by_clerk",
        "--endpoint",
        "https://nodo.unione.example:8443/",
    )
    assert "with the register PG" in said
    area = queries.area_by_code("AF03201")
    assert area is not None
    assert area.endpoint == "https://nodo.unione.example:8443/aoo/AF03201"
    assert (area.registers_incoming, area.default_classification) == ("by_clerk", "1.8")
    with tenancy.scope(area.body_id):
        assert protocol.register_of_area(area_id=area.id) is not None
        assert records.classification("1.15").title
    assert "by_clerk" in console.do("area", "list")
    assert len(console.facts("area.created")) == len(console.facts("register.opened")) / 2 == 1


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (("B123456", "--body", "c_f032", "--name", "X"), "'CODE': a unique AOO code has seven characters"),
        (("AF03201", "--body", "c_f032", "--name", "X"), "'CODE': AF03201 is served here already"),
        (("AF03202", "--body", "c_x", "--name", "X"), "'--body': no body with the IPA code c_x"),
        (
            ("AF03202", "--body", "c_f032", "--name", "X", "--endpoint", "http://nodo"),
            "'--endpoint': give the https URL",
        ),
        (
            ("AF03202", "--body", "c_f032", "--name", "X", "--default-class", "99"),
            "'--default-class': the filing plan has no heading '99'",
        ),
        (
            ("AF03202", "--body", "c_f032", "--name", "X", "--register", "P G"),
            "'--register': a register code has",
        ),
    ],
)
def test_an_area_with_a_mistake_leaves_nothing(console: Console, mistake: tuple[str, ...], said: str) -> None:
    assert said in console.with_a_town().refuse("area", "add", *mistake)


def test_an_area_changes_only_where_it_may(console: Console) -> None:
    console.with_a_town()
    said = console.do("area", "set", "AF03201", "--endpoint", "https://a.example", "--default-class", "1.15")
    assert "default heading 1.15, endpoint https://a.example/aoo/AF03201" in said
    assert console.facts("area.changed")[0]["changes"] == {
        "default_classification": "1.15",
        "endpoint": "https://a.example/aoo/AF03201",
    }
    assert "say what is to change" in console.refuse("area", "set", "AF03201")
    assert "there is AF03201" in console.refuse("area", "set", "AF03209", "--incoming", "by_clerk")
    assert "'--default-class'" in console.refuse("area", "set", "AF03201", "--default-class", "99")


def test_offices_stand_under_each_other(console: Console) -> None:
    console.with_a_town()
    console.do("office", "add", "SEGR", "--area", "AF03201", "--name", "Segreteria generale")
    console.do("office", "add", "PROT", "--area", "AF03201", "--name", "Protocollo", "--parent", "SEGR")
    assert "under SEGR" in console.do("office", "list", "--area", "AF03201")
    add = ("office", "add")
    assert "office PROT already" in console.refuse(*add, "PROT", "--area", "AF03201", "--name", "X")
    assert "has no office XXX: there is PROT, SEGR" in console.refuse(
        *add, "NEW", "--area", "AF03201", "--name", "X", "--parent", "XXX"
    )
    assert len(console.facts("office.created")) == 2


def test_a_filing_plan_of_ones_own_replaces_the_model(console: Console, tmp_path: Path) -> None:
    console.with_a_town()
    plan = tmp_path / "piano.csv"
    plan.write_text("code,title\n1,Amministrazione\n1.8,Varie\n2,Territorio\n", encoding="utf-8-sig")
    assert "3 headings are in force" in console.do("titolario", "import", str(plan), "--name", "Piano 2027")
    assert console.do("titolario", "show").splitlines() == [
        "1  Amministrazione",
        "  1.8  Varie",
        "2  Territorio",
    ]
    assert "2  Territorio" in console.do("titolario", "show", "territorio")

    plan.write_text("code,title\n1,Amministrazione\n", encoding="utf-8")
    assert "lacks the heading 1.8, the default of AF03201" in console.refuse("titolario", "import", str(plan))
    plan.write_text("codice;titolo\n1;Amministrazione\n", encoding="utf-8")
    assert "the first line must name the columns code and title" in console.refuse(
        "titolario", "import", str(plan)
    )
    plan.write_bytes("code,title\n1,Attività\n".encode("cp1252"))
    assert "in UTF-8" in console.refuse("titolario", "import", str(plan))
    assert len(console.do("titolario", "show").splitlines()) == 3


def test_with_several_bodies_a_plan_needs_its_own(console: Console) -> None:
    console.with_a_town()
    console.do("body", "add", "c_i454", "--name", "Comune di Sassetta")
    console.do("area", "add", "AI45401", "--body", "c_i454", "--name", "Protocollo")
    assert "say which one: there is c_f032, c_i454" in console.refuse("titolario", "show")
    assert console.do("titolario", "show", "--body", "c_i454", "sindaco")


def test_an_area_brings_its_own_plan(console: Console, tmp_path: Path) -> None:
    plan = tmp_path / "piano.csv"
    plan.write_text("code,title\nA,Affari\nA.1,Corrispondenza\n", encoding="utf-8")
    console.do("body", "add", "p_gr", "--name", "Provincia di Grosseto", "--kind", "province")
    add = ("area", "add", "APGR001", "--body", "p_gr", "--name", "Protocollo", "--titolario", str(plan))
    assert "'--default-class': the filing plan has no heading '1.8'" in console.refuse(*add)
    console.do(*add, "--default-class", "A.1")
    assert "A.1  Corrispondenza" in console.do("titolario", "show")
