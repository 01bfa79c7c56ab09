"""Whom a node believes: leaves below intermediate authorities of a trusted root, until they are revoked."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from crinale.config import trust_folder
from crinale.config.administration.tests.provider import DAY, Provider
from crinale.config.node_keys import NodeKeys
from crinale.config.trust_folder import FollowedTrust
from crinale.kernel import clock

if TYPE_CHECKING:
    from crinale.config.administration.tests.conftest import Console

SEAL = ("seal", "--area", "AF03201")


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    return Provider(tmp_path, intermediate=True)


@pytest.fixture
def leaf(console: Console, provider: Provider, tmp_path: Path) -> x509.Certificate:
    """A certificate below the intermediate authority, as a message brings it: alone."""
    request = tmp_path / "request.csr"
    console.with_a_town().do("keys", "request", *SEAL, "--type", "ec-p256", "--out", str(request))
    return x509.load_pem_x509_certificates(Path(provider.answer(request)).read_bytes())[0]


def intermediate_file(provider: Provider) -> str:
    return provider.file("intermediate.pem", provider.certificate)


def reason(console: Console, certificate: x509.Certificate) -> str:
    """What a process that starts now says of a certificate."""
    return FollowedTrust(NodeKeys(console.home.secrets).trust).check(certificate, at=clock.now()).reason


def test_a_leaf_below_an_intermediate_authority_is_believed(
    console: Console, provider: Provider, leaf: x509.Certificate
) -> None:
    console.do("keys", "trust", "add", provider.root_file)
    assert reason(console, leaf) == "unknown_issuer"
    assert "Trusted: Intermedia" in console.do("keys", "trust", "add", intermediate_file(provider))
    assert reason(console, leaf) == "trusted"
    assert "intermediate" in console.do("keys", "trust", "list")
    # The machine listener takes what stands in its file for roots.
    gathered = NodeKeys(console.home.secrets).client_authorities.read_bytes()
    assert x509.load_pem_x509_certificates(gathered) == [provider.root]


def test_root_and_intermediate_come_in_one_file_in_any_order(
    console: Console, provider: Provider, leaf: x509.Certificate
) -> None:
    console.do("keys", "trust", "add", provider.file("all.pem", provider.certificate, provider.root))
    assert reason(console, leaf) == "trusted"


def test_an_intermediate_authority_without_its_root_is_refused(
    console: Console, provider: Provider, leaf: x509.Certificate, tmp_path: Path
) -> None:
    file = intermediate_file(provider)
    assert "first trust its root, Autorità di prova" in console.refuse("keys", "trust", "add", file)
    console.do("keys", "trust", "add", Provider(tmp_path / "..", name="Autorità di prova").root_file)
    assert "first trust its root" in console.refuse("keys", "trust", "add", file), (
        "another key, the same name"
    )
    assert "is not the certificate of an authority" in console.refuse(
        "keys", "trust", "add", provider.file("leaf.pem", leaf)
    )


def test_an_intermediate_authority_believes_nobody_once_its_root_is_gone(
    console: Console, provider: Provider, leaf: x509.Certificate
) -> None:
    console.do("keys", "trust", "add", provider.file("all.pem", provider.certificate, provider.root))
    for line in console.do("keys", "trust", "list").splitlines():
        if " root " in line:
            console.do("keys", "trust", "remove", line.split()[0])
    assert reason(console, leaf) == "unknown_issuer"


@pytest.mark.parametrize("der", [False, True])
def test_a_revoked_leaf_is_not_believed(
    console: Console, provider: Provider, leaf: x509.Certificate, der: bool
) -> None:
    console.do("keys", "trust", "add", provider.file("all.pem", provider.certificate, provider.root))
    said = console.do("keys", "trust", "add", provider.revocation_list(leaf, der=der))
    assert "Intermedia (1 revoked)" in said
    assert reason(console, leaf) == "revoked"
    assert "1 revoked" in console.do("keys", "trust", "list")
    files = [file.name for file in NodeKeys(console.home.secrets).revocation_lists()]
    console.do("keys", "trust", "remove", *files)
    assert reason(console, leaf) == "trusted"


def test_a_running_node_takes_new_files_by_itself(
    console: Console, provider: Provider, leaf: x509.Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust_folder, "LOOKED_AT_SECONDS", 0.0)
    console.do("keys", "trust", "add", provider.file("all.pem", provider.certificate, provider.root))
    running = FollowedTrust(NodeKeys(console.home.secrets).trust)
    assert running.check(leaf, at=clock.now()).valid
    console.do("keys", "trust", "add", provider.revocation_list(leaf))
    assert running.check(leaf, at=clock.now()).reason == "revoked"
    # A file that is being copied takes away nothing that was known.
    (console.home.secrets / "trust" / "half.pem").write_text("-----BEGIN CERT")
    assert running.check(leaf, at=clock.now()).reason == "revoked"


def test_a_newer_list_replaces_the_older_one(
    console: Console, provider: Provider, leaf: x509.Certificate
) -> None:
    console.do("keys", "trust", "add", provider.file("all.pem", provider.certificate, provider.root))
    old, new = provider.revocation_list(), provider.revocation_list(leaf, begins=-DAY / 2)
    console.do("keys", "trust", "add", old)
    console.do("keys", "trust", "add", new)
    assert len(NodeKeys(console.home.secrets).revocation_lists()) == 1
    assert "a newer list of Intermedia is here already" in console.refuse("keys", "trust", "add", old)
    assert "trusted already" in console.do("keys", "trust", "add", new)
    assert reason(console, leaf) == "revoked"


def test_a_list_that_nobody_trusted_signed_or_that_is_overdue_is_refused(
    console: Console, provider: Provider, tmp_path: Path
) -> None:
    console.do("keys", "trust", "add", provider.root_file)
    assert "signed the list of Intermedia" in console.refuse(
        "keys", "trust", "add", provider.revocation_list()
    )
    console.do("keys", "trust", "add", intermediate_file(provider))
    overdue = provider.revocation_list(begins=-3 * DAY, ends=-DAY)
    assert "is overdue" in console.refuse("keys", "trust", "add", overdue)


def findings(console: Console) -> list[tuple[str, str]]:
    said = json.loads(console.type("doctor", "--json").output)
    return [(one["level"], one["seen"]) for one in said if one["subject"] == "revocations"]


def test_the_doctor_tells_lists_that_are_overdue_or_cannot_be_read(
    console: Console, provider: Provider, leaf: x509.Certificate
) -> None:
    console.home.prepare()
    console.do("keys", "trust", "add", provider.file("all.pem", provider.certificate, provider.root))
    console.do("keys", "trust", "add", provider.revocation_list(leaf, ends=DAY))
    assert findings(console) == [("good", "Intermedia: 1 revoked")]
    with clock.frozen(clock.now() + timedelta(days=2)):
        ((level, seen),) = findings(console)
    assert (level, "was due for renewal" in seen) == ("bad", True)
    (console.home.secrets / "trust" / "broken.crl").write_bytes(b"\x30\x03abc")
    level, seen = findings(console)[0]
    assert level == "bad"
    assert seen.startswith("broken.crl cannot be read")
    assert reason(console, leaf) == "revoked", "the node goes on with the lists that it can read"


def test_what_was_taken_is_told(lasting_console: Console, provider: Provider) -> None:
    both = provider.file("all.pem", provider.certificate, provider.root)
    lasting_console.do("keys", "trust", "add", both)
    lasting_console.do("keys", "trust", "add", provider.revocation_list())
    (known,) = lasting_console.facts("authority.intermediate_known")
    assert known["authority"] == "CN=Intermedia"
    (taken,) = lasting_console.facts("revocation_list.taken")
    assert taken["revoked"] == 0
    assert taken["operator"]


MAILBOX = (
    "protocollo@pec.massa.example", "--area", "AF03201", "--imap", "imap.example", "--smtp", "smtp.example"
)  # fmt: skip


def believed_in_mail(console: Console, certificate: x509.Certificate) -> str:
    """What a process that starts now says of a certificate in a mail."""
    keys = NodeKeys(console.home.secrets)
    return FollowedTrust(keys.mail_trust).check(certificate, at=clock.now()).reason


def test_an_authority_for_mail_vouches_for_mail_only(
    console: Console, provider: Provider, leaf: x509.Certificate
) -> None:
    console.home.prepare()
    both = provider.file("all.pem", provider.certificate, provider.root)
    assert "Trusted for mail: " in console.do("keys", "trust", "add", "--mail", both)
    console.do("keys", "trust", "add", "--mail", provider.revocation_list())

    assert believed_in_mail(console, leaf) == "trusted"
    assert reason(console, leaf) == "unknown_issuer"
    keys = NodeKeys(console.home.secrets)
    assert not keys.client_authorities.exists(), "the machine listener would let its certificates in"
    assert "client_ca" not in console.home.settings().get("machine", {})
    assert " for mail " in console.do("keys", "trust", "list")


def test_an_authority_of_the_network_vouches_for_no_mail(
    console: Console, provider: Provider, leaf: x509.Certificate
) -> None:
    console.do("keys", "trust", "add", provider.file("all.pem", provider.certificate, provider.root))

    assert reason(console, leaf) == "trusted"
    assert believed_in_mail(console, leaf) == "unknown_issuer"
    (name,) = [
        line.split()[0] for line in console.do("keys", "trust", "list").splitlines() if " root " in line
    ]
    assert "no authority is kept under" in console.refuse("keys", "trust", "remove", "--mail", name)


def test_an_authority_for_mail_is_removed_from_there(
    console: Console, provider: Provider, leaf: x509.Certificate
) -> None:
    console.do("keys", "trust", "add", "--mail", provider.root_file)
    console.do("keys", "trust", "add", provider.root_file)
    (file,) = NodeKeys(console.home.secrets).mail_authorities()

    console.do("keys", "trust", "remove", "--mail", file.name)

    assert believed_in_mail(console, leaf) == "unknown_issuer"
    assert len(NodeKeys(console.home.secrets).authorities()) == 1


def test_the_doctor_tells_who_vouches_for_mail_and_until_when(console: Console, provider: Provider) -> None:
    def said() -> list[tuple[str, str, str]]:
        found = json.loads(console.type("doctor", "--json").output)
        return [(one["level"], one["seen"], one["remedy"]) for one in found if one["subject"] == "mail trust"]

    console.home.prepare()
    console.with_a_town()
    assert said() == [], "an area without a certified mailbox needs nobody"
    console.do("mailbox", "add", *MAILBOX, given="parola\n")
    ((level, _, remedy),) = said()
    assert (level, remedy) == ("bad", "crinale keys trust add --mail FILE")
    console.do("keys", "trust", "add", "--mail", provider.root_file)
    assert said() == [("good", "Autorità di prova", "")]
    with clock.frozen(clock.now() + timedelta(days=3640)):
        warned, _ = said()
    assert warned[0] == "warning"
    assert warned[2].startswith("crinale keys trust add --mail with its successor")
