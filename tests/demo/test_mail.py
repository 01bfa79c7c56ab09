"""Certified mail in the running network: registered by itself, answered, tied to its receipts, once."""

from __future__ import annotations

import contextlib
import http.cookiejar
import os
import signal
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree, html

from crinale.config.demo import network as plan
from crinale.config.demo import outside, post_office
from crinale.config.demo.homes import DemoHome
from crinale.spine.protocol.rules.legacy_segnatura import parse_return_message
from crinale.spine.protocol.rules.segnatura_data import ConfirmationMessage
from tests.network import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.network import Network

pytestmark = pytest.mark.xdist_group("network")
NODE, AREA = "nal-colline-metallifere", plan.SENDER.aoo_code
TOWN, CONSORTIUM, STUDIO = plan.SENDER.mail, outside.CONSORTIUM.address, outside.STUDIO.address
NOBODY = "nessuno@pec.example"


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "nulla-osta.txt"
    file.write_text("Si rilascia il nulla osta.\n")
    return file


def demo(network: Network) -> DemoHome:
    return DemoHome(network.home / "demo")


def confirmations(network: Network, subject: str) -> dict[str, set[str]]:
    """The numbers that came back to the consortium, by the subject of its mails that begin so."""
    found: dict[str, set[str]] = {}
    for letter in post_office.letters(demo(network), CONSORTIUM):
        if letter.read.protocol_answer is None or subject not in letter.read.subject:
            continue
        answer = parse_return_message(letter.read.protocol_answer[1])
        assert isinstance(answer, ConfirmationMessage)
        found.setdefault(letter.read.subject.partition(": ")[2], set()).add(answer.identifier.number_text)
    return found


def registered(network: Network, subject: str) -> dict[str, list[str]]:
    """The numbers in the town's register, by subject."""
    found: dict[str, list[str]] = {}
    for text, number in network.rows(
        NODE,
        "select subject, number from protocol_registration where subject like %s and direction = 'incoming'",
        [f"{subject}%"],
    ):
        found.setdefault(text, []).append(f"{number:07}")
    return found


def steps(network: Network, subject: str) -> list[tuple[str, str, str]]:
    """Address, state and the steps of the messages that carry a document by mail, in order."""
    return [
        (row[0], row[1], row[2])
        for row in network.rows(
            NODE,
            "select m.address, m.state, string_agg(r.kind, ' ' order by r.seq) from exchange_message m"
            " join exchange_receipt r on r.message_id = m.id"
            " where m.subject = %s and m.direction = 'out' group by m.id order by m.id",
            [subject],
        )
    ]


def test_a_mail_with_segnatura_is_registered_by_itself_and_its_sender_gets_the_number(
    network: Network, document: Path
) -> None:
    subject = f"Nulla osta {time.time_ns()}"

    sent = network.run(
        "demo", "mail", "send", "--from", CONSORTIUM, "--to", TOWN, "--subject", subject, "--segnatura",
        str(document),
    )  # fmt: skip
    assert sent.returncode == 0, sent.stderr
    wait_until(lambda: bool(confirmations(network, subject)), 40, "the confirmation", story=network.story)

    (numbers,) = registered(network, subject).values()
    assert confirmations(network, subject) == {subject: set(numbers)}
    assert len(numbers) == 1
    listed = network.run("demo", "mail", "read", CONSORTIUM).stdout
    (line,) = [line for line in listed.splitlines() if f"Conferma: {subject}" in line]
    shown = network.run("demo", "mail", "read", CONSORTIUM, line.split()[0]).stdout
    assert "signed by the provider" in shown
    assert f"<NumeroRegistrazione>{numbers[0]}</NumeroRegistrazione>" in shown


def test_a_mail_without_segnatura_waits_for_a_clerk(network: Network, document: Path) -> None:
    subject = f"Domanda {time.time_ns()}"

    network.run("demo", "mail", "send", "--from", STUDIO, "--to", TOWN, "--subject", subject, str(document))

    def state() -> list[tuple[Any, ...]]:
        return network.rows(NODE, "select kind, state from exchange_mail where subject = %s", [subject])

    wait_until(lambda: bool(state()), 40, "the mail", story=network.story)
    assert state() == [("certified", "to_register")]
    assert registered(network, subject) == {}


def test_both_receipts_of_what_the_town_sends_are_on_its_timeline(network: Network, document: Path) -> None:
    subject = f"Invito {time.time_ns()}"

    said = network.run(
        "send", "--from", AREA, "--to", STUDIO, "--subject", subject, "--class", "1.15", "--wait", "40",
        str(document),
    )  # fmt: skip

    assert said.returncode == 0, said.stderr
    ((address, state, kinds),) = steps(network, subject)
    assert (address, state) == (STUDIO, "delivered"), network.story()
    assert kinds == "sealed handed_over taken delivered"
    (arrived,) = [one for one in post_office.letters(demo(network), STUDIO) if subject in one.read.subject]
    assert [file.name for file in arrived.read.files] == [document.name]


def test_what_was_refused_after_acceptance_has_failed_and_goes_another_way(
    network: Network, document: Path
) -> None:
    subject = f"Diffida {time.time_ns()}"

    network.run(
        "send", "--from", AREA, "--to", NOBODY, "--subject", subject, "--class", "1.15", "--wait", "40",
        str(document),
    )  # fmt: skip
    assert steps(network, subject) == [(NOBODY, "failed", "sealed handed_over taken not_delivered")]
    incidents = network.rows(
        NODE,
        "select i.kind from exchange_incident i join exchange_message m on m.id = i.message_id"
        " where m.subject = %s",
        [subject],
    )
    assert incidents == [("not_delivered",)]

    clerk = Clerk(network)
    ((registration,),) = network.rows(
        NODE, "select id from protocol_registration where subject = %s", [subject]
    )
    page = clerk.get(f"protocollo/registrazioni/{registration}")
    assert NOBODY in page.text_content()
    (link,) = page.xpath("//a[contains(@href, '/spedisci')]/@href")[:1]
    clerk.submit(clerk.get(link), address=STUDIO)
    wait_until(
        lambda: [one[:2] for one in steps(network, subject)] == [(NOBODY, "failed"), (STUDIO, "delivered")],
        40,
        "the delivery at the other address",
        story=network.story,
    )
    assert len(network.rows(NODE, "select 1 from protocol_registration where subject = %s", [subject])) == 1


def test_a_worker_killed_while_it_fetches_registers_every_mail_once(network: Network, document: Path) -> None:
    run = f"Arresto {time.time_ns()}"
    count, batches = 30, 0
    with network.connect(NODE) as database:

        def stored() -> int:
            found = database.execute(
                "select count(*) from exchange_mail where subject like %s", [f"{batch}%"]
            )
            return int(found.fetchall()[0][0])

        while True:
            batch = f"{run} giro {batches}"
            batches += 1
            for number in range(count):
                given = post_office.Submission(
                    CONSORTIUM, TOWN, f"{batch} atto {number}", files=[document], segnatura=True
                )
                post_office.submit(demo(network), given)
                if stored():
                    break
            wait_until(lambda: stored() > 0, 40, "the first mail to be stored", story=network.story)
            kill_worker(network)
            if stored() < number + 1:
                break
            assert batches < 5, "every kill came too late: nothing was shown"

    wanted = {
        letter.read.subject
        for letter in post_office.letters(demo(network), CONSORTIUM, folder=post_office.SENT)
        if letter.read.subject.startswith(run)
    }
    wait_until(
        lambda: set(confirmations(network, run)) == wanted, 120, "every confirmation", story=network.story
    )

    numbers = registered(network, run)
    assert set(numbers) == wanted
    assert {subject for subject, given in numbers.items() if len(given) != 1} == set()
    assert confirmations(network, run) == {subject: set(given) for subject, given in numbers.items()}


def kill_worker(network: Network) -> None:
    for pid in reversed(network.family(NODE, "worker")):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Clerk:
    """Elena Cerboni at the pages of her town, with forms and cookies and nothing else."""

    def __init__(self, network: Network) -> None:
        self._network = network
        described = network.endpoints["nodes"][NODE]
        self.url = described["pages_url"]
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
        (user,) = [one for one in described["users"] if one["username"] == plan.SENDER.clerk_username]
        self.submit(self.get(""), username=user["username"], password=user["password"])

    def get(self, path: str) -> html.HtmlElement:
        return self._page(urllib.parse.urljoin(self.url, path), None)

    def submit(self, page: html.HtmlElement, **values: str) -> html.HtmlElement:
        """Fill in the form of a page that has these fields, and send it."""
        (form,) = [one for one in page.forms if set(values) <= set(one.fields.keys())]
        form.fields.update(values)
        content = urllib.parse.urlencode(form.form_values()).encode()
        return self._page(urllib.parse.urljoin(page.base_url or self.url, form.action or ""), content)

    def _page(self, url: str, content: bytes | None) -> html.HtmlElement:
        request = urllib.request.Request(url, data=content, headers={"Referer": url})
        try:
            with self._opener.open(request, timeout=30) as answer:
                page = html.fromstring(answer.read(), base_url=answer.url)
        except urllib.error.HTTPError as error:
            log = (self._network.node_home(NODE).log / "web.log").read_text(errors="replace")
            pytest.fail(f"{error.url} answered {error.code}\n{log[-5000:]}")
        assert isinstance(page, html.HtmlElement), etree.tostring(page)
        return page
