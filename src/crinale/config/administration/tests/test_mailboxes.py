"""An administrator gives an area a mailbox; the doctor says when it is not read."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from crinale.config.administration import finding as find
from crinale.config.administration.checkup import mail as checkup
from crinale.config.node_keys import NodeKeys
from crinale.kernel import clock
from crinale.spine import tenancy
from crinale.spine.exchange.mail_ports import postman
from crinale.spine.exchange.models import Mailbox
from crinale.spine.exchange.tests.post import PostOffice, out_of_order

if TYPE_CHECKING:
    from crinale.config.administration.tests.conftest import Console

BOX = "protocollo@pec.massa.example.it"
ADD = ("mailbox", "add", BOX, "--area", "AF03201", "--imap", "imap.example.it", "--smtp", "smtp.example.it")


def test_a_mailbox_is_added_with_its_password_and_listed(console: Console) -> None:
    console.with_a_town()
    assert "AF03201" in console.do(*ADD, given="segreto\n")
    keys = NodeKeys(console.home.secrets)
    assert keys.mail_password(BOX) == "segreto"
    assert (keys.root / "mail" / BOX).stat().st_mode & 0o077 == 0
    assert BOX in console.do("mailbox", "list")
    assert console.facts("mailbox.created")[0]["address"] == BOX
    assert "segreto" not in json.dumps(console.facts("mailbox.created"))
    assert "already" in console.refuse(*ADD, given="altro\n")
    assert keys.mail_password(BOX) == "segreto"


def test_what_is_wrong_is_told_by_its_option(console: Console) -> None:
    console.with_a_town()
    assert "1 and 65535" in console.refuse(*ADD, "--imap-port", "0", given="segreto\n")
    assert "no mailbox" in console.refuse("mailbox", "close", "nobody@example.it")


def test_a_mailbox_is_checked_changed_and_closed(console: Console) -> None:
    console.with_a_town()
    console.do(*ADD, given="segreto\n")
    office = PostOffice()
    with postman.replaced(office):
        assert "let it in" in console.do("mailbox", "check", BOX)
        office.failures = [out_of_order()]
        assert "does not answer" in console.refuse("mailbox", "check", BOX)
    console.do("mailbox", "set", BOX, "--writes", "appendix_c", "--imap-port", "143")
    console.do("mailbox", "writes", "pec.example.it", "none", "--area", "AF03201")
    console.do("mailbox", "password", BOX, given="nuovo\n")
    assert NodeKeys(console.home.secrets).mail_password(BOX) == "nuovo"
    assert "say what is to change" in console.refuse("mailbox", "set", BOX)
    console.do("mailbox", "close", BOX)
    assert "closed" in console.do("mailbox", "list")
    assert NodeKeys(console.home.secrets).mail_password(BOX) is None


def test_the_doctor_says_what_is_not_read(console: Console) -> None:
    console.with_a_town()
    console.do(*ADD, given="segreto\n")
    assert [one.level for one in checkup.mailboxes(console.home)] == ["good"]
    with clock.frozen(clock.now() + timedelta(hours=2)):
        (finding,) = checkup.mailboxes(console.home)
        assert (finding.level, "hour" in finding.seen) == ("bad", True)
    with tenancy.scope(find.area("AF03201").body_id):
        Mailbox.objects.update(failing_since=clock.now(), last_error="connection: no answer")
    (finding,) = checkup.mailboxes(console.home)
    assert (finding.level, "no answer" in finding.seen) == ("warning", True)
    with clock.frozen(clock.now() + timedelta(hours=2)):
        assert [one.level for one in checkup.mailboxes(console.home)] == ["bad"]
    (NodeKeys(console.home.secrets).root / "mail" / BOX).unlink()
    (finding,) = checkup.mailboxes(console.home)
    assert "password" in finding.seen
