"""The settings of the node on a page, in words, for who administers a body of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from crinale.services.console.ports import Setting, SettingGroup, node_settings
from crinale.services.protocol_office.tests.desks import text_of
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from crinale.services.console.tests.halls import Halls


class AsSaid:
    """A node with a few settings, which remembers for whom it was asked."""

    asked = ""

    def groups(self, *, body_ipa: str) -> list[SettingGroup]:
        self.asked = body_ipa
        hub = Setting(key="[exchange] hub", meaning="Address of the hub", value="https://h", source="file")
        secret = Setting(
            key="secrets/notices",
            meaning="Password of the mail server",
            value="not set",
            source="secrets",
            remedy="Set it in the unit of the service, then restart the node.",
        )
        return [SettingGroup(title="Exchange", settings=(hub, secret))]


def test_the_settings_are_read_in_words_with_their_source_and_remedy(halls: Halls) -> None:
    with node_settings.replaced(node := AsSaid()):
        answer = halls.at(halls.massa).get(reverse("console:node_settings"))
    page = text_of(answer)
    body = tenancy.body(halls.massa.body_id)
    assert body is not None
    assert node.asked == body.ipa_code
    for words in ("Interscambio", "https://h", "scritto in node.toml", "Password del server di posta"):
        assert words in page
    for words in ("non impostato", "riavvia il nodo", reverse("console:health")):
        assert words in page


def test_who_manages_only_people_or_the_register_finds_no_settings(halls: Halls) -> None:
    with node_settings.replaced(AsSaid()):
        assert halls.desks.at(halls.massa).get(reverse("console:node_settings")).status_code == 404
