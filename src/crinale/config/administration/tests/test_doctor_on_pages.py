"""The doctor's findings on the pages of a body: the node's and its own, nothing that names another body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.config.administration.checkup.pages import NodeCheckup
from crinale.spine.tenancy import queries, scope

if TYPE_CHECKING:
    from crinale.config.administration.tests.conftest import Console


def test_a_body_sees_what_is_the_nodes_and_its_own(console: Console) -> None:
    console.with_a_town().home.prepare()
    console.do("body", "add", "c_i454", "--name", "Comune di Sassetta")
    console.do("area", "add", "AI45401", "--body", "c_i454", "--name", "Protocollo generale")
    add = ("--imap", "imap.example", "--smtp", "smtp.example")
    console.do("mailbox", "add", "pec@massa.example", "--area", "AF03201", *add, given="segreto\n")
    console.do("mailbox", "add", "pec@sassetta.example", "--area", "AI45401", *add, given="segreto\n")
    massa, sassetta = (queries.body_by_ipa_code(code) for code in ("c_f032", "c_i454"))
    assert massa is not None
    assert sassetta is not None
    with scope(massa.id):
        own = {one.subject for one in NodeCheckup(console.home).findings(body_id=massa.id)}
    assert {"disk", "database role", "area AF03201", "people of c_f032", "mailbox pec@massa.example"} <= own
    assert not [one for one in own if "AI45401" in one or "c_i454" in one or "sassetta" in one]
    theirs = {one.subject for one in NodeCheckup(console.home).findings(body_id=sassetta.id)}
    assert {"disk", "area AI45401", "mailbox pec@sassetta.example"} <= theirs
    assert "area AF03201" not in theirs


def test_what_is_vital_is_room_and_a_folder_that_takes_documents(console: Console) -> None:
    console.home.prepare()
    found = {one.subject: one.level for one in NodeCheckup(console.home).vital()}
    assert found["documents"] == "good"
    assert "disk" in found
