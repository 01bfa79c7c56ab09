"""The demonstration network is the booklet's, and its codes have the shapes that the law asks for."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from crinale.config.demo import network
from crinale.kernel import codes

BOOKLET = Path(__file__).resolve().parents[6] / "shared" / "data" / "colline-metallifere" / "nal_topology.csv"


@pytest.mark.skipif(not BOOKLET.is_file(), reason="the booklet's data are not beside the repository")
def test_each_body_is_served_by_the_node_that_the_booklet_names() -> None:
    host_node = {plan.bodies[0].key: plan for plan in network.NODES if plan.bodies}
    with BOOKLET.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))

    assert rows
    for row in rows:
        served = {body.key for body in host_node[row["nal_host_body_id"]].bodies}
        assert row["body_id"] in served


def test_the_codes_of_bodies_and_areas_are_valid_and_nobody_shares_one() -> None:
    bodies = network.bodies()

    for body in bodies:
        assert codes.check_ipa_code(body.ipa_code) == body.ipa_code
        assert codes.check_aoo_code(body.aoo_code) == body.aoo_code
    assert (
        len({body.ipa_code for body in bodies}) == len({body.aoo_code for body in bodies}) == len(bodies) == 8
    )
    assert len({body.clerk_username for body in bodies}) == len(bodies)


def test_the_union_has_the_five_towns_as_dated_members() -> None:
    towns = {body.key for body in network.bodies() if body.kind == "municipality"}

    assert set(network.UNION.members) == towns - {"comune-piombino"}


def test_sender_and_recipient_live_on_different_nodes() -> None:
    assert network.node_of_area(network.SENDER.aoo_code) != network.node_of_area(network.RECIPIENT.aoo_code)
