"""Keys through their life: made, certified, installed, renewed without a gap; and whom the node trusts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from crinale.config.administration.tests.provider import Provider
from crinale.config.node_keys import NodeKeys
from crinale.connectors.file_keys import FolderKeys

if TYPE_CHECKING:
    from pathlib import Path

    from crinale.config.administration.tests.conftest import Console

SEAL = ("seal", "--area", "AF03201")


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    return Provider(tmp_path)


def asked(console: Console, tmp_path: Path, *words: str) -> Path:
    """Make a key, small so that the tests stay quick; returns its request."""
    request = tmp_path / "request.csr"
    console.do("keys", "request", *words, "--type", "ec-p256", "--out", str(request))
    return request


def test_a_seal_is_asked_for_and_installed(console: Console, provider: Provider, tmp_path: Path) -> None:
    console.with_a_town().do("keys", "trust", "add", provider.root_file)
    request = asked(console, tmp_path, *SEAL)
    subject = x509.load_pem_x509_csr(request.read_bytes()).subject
    assert [one.value for one in subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)] == [
        "PA:IT-c_f032"
    ]
    assert "requested" in console.do("keys", "list")

    said = console.do("keys", "install", *SEAL, provider.answer(request))
    assert "Warning" not in said
    assert "363 days" in console.do("keys", "list")
    keys = NodeKeys(console.home.secrets)
    for file in keys.seal("AF03201"):
        assert file.stat().st_mode & 0o777 == 0o600
    assert FolderKeys(keys.root / "seals").for_area("AF03201").chain == ()
    assert sorted(file.name for file in (keys.root / "seals").iterdir()) == ["AF03201.key", "AF03201.pem"]
    assert console.facts("key.made")[0]["area"] == "AF03201"
    assert "Comune di Massa Marittima" in str(console.facts("certificate.installed")[0]["subject"])


def test_the_issuer_that_came_along_is_kept(console: Console, tmp_path: Path) -> None:
    provider = Provider(tmp_path, intermediate=True)
    console.with_a_town().do("keys", "trust", "add", provider.root_file)
    said = console.do("keys", "install", *SEAL, provider.answer(asked(console, tmp_path, *SEAL)))
    assert "Warning" not in said
    assert FolderKeys(console.home.secrets / "seals").for_area("AF03201").chain == (provider.certificate,)


def test_the_machine_listener_opens_when_it_has_all_it_needs(
    console: Console, provider: Provider, tmp_path: Path
) -> None:
    request = asked(console, tmp_path, "tls", "--host", "nodo.unione.example", "--host", "192.0.2.7")
    wanted = x509.load_pem_x509_csr(request.read_bytes()).extensions
    names = wanted.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["nodo.unione.example"]
    purposes = wanted.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(purposes) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}

    said = console.do("keys", "install", "tls", provider.answer(request))
    assert "this node does not believe it" in said
    assert "machine" not in console.home.settings()
    console.do("keys", "trust", "add", provider.root_file)
    assert console.home.settings()["machine"] == {
        "certificate": "secrets/tls/node.pem",
        "key": "secrets/tls/node.key",
        "client_ca": "secrets/tls/client-authorities.pem",
    }


def test_a_key_is_renewed_without_a_gap(console: Console, provider: Provider, tmp_path: Path) -> None:
    console.with_a_town().do("keys", "trust", "add", provider.root_file)
    console.do("keys", "install", *SEAL, provider.answer(asked(console, tmp_path, *SEAL)))
    folder = FolderKeys(console.home.secrets / "seals")
    old = folder.for_area("AF03201").certificate

    renewed = provider.answer(asked(console, tmp_path, *SEAL), begins=1)
    assert folder.for_area("AF03201").certificate == old
    assert "is valid only from" in console.refuse("keys", "install", *SEAL, renewed)
    console.do("keys", "install", *SEAL, renewed, "--stage")
    assert folder.for_area("AF03201").certificate == old
    assert "a certificate waits already" in console.refuse("keys", "request", *SEAL)
    (described,) = json.loads(console.do("index", "enrol"))["areas"]
    assert len(described["seal_certificates"]) == 2

    console.do("keys", "activate", *SEAL)
    assert folder.for_area("AF03201").certificate != old
    assert "no certificate waits for seal AF03201" in console.refuse("keys", "activate", *SEAL)


def test_a_certificate_may_be_renewed_for_the_same_key(
    console: Console, provider: Provider, tmp_path: Path
) -> None:
    console.with_a_town()
    request = asked(console, tmp_path, *SEAL)
    console.do("keys", "install", *SEAL, provider.answer(request))
    said = console.do("keys", "install", *SEAL, provider.answer(request, days=10))
    assert "it expires in 8 days" in said
    console.do("keys", "install", *SEAL, provider.answer(request, days=90), "--stage")
    console.do("keys", "activate", *SEAL)
    assert "88 days" in console.do("keys", "list")


def test_what_does_not_fit_is_refused(console: Console, provider: Provider, tmp_path: Path) -> None:
    console.with_a_town()
    assert "no key was made for seal AF03201" in console.refuse("keys", "install", *SEAL, provider.root_file)
    first = provider.answer(asked(console, tmp_path, *SEAL))
    second = asked(console, tmp_path, *SEAL)
    assert "is of the key made for seal AF03201" in console.refuse("keys", "install", *SEAL, first)
    expired = provider.answer(second, begins=-9, days=3)
    assert "this certificate expired on" in console.refuse("keys", "install", *SEAL, expired)
    (tmp_path / "note.txt").write_text("Gentile cliente")
    assert "'FILE': it holds no certificate" in console.refuse(
        "keys", "install", *SEAL, str(tmp_path / "note.txt")
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("seal",), "'--area': say of which area"),
        (("seal", "--area", "AF03299"), "this node does not serve the area AF03299"),
        (("tls",), "'--host': name the hosts"),
        (("tls", "--host", "https://nodo.example"), "is no host name"),
        (
            ("tls", "--host", "nodo.example", "--area", "AF03201"),
            "'--area': the TLS certificate is the node's",
        ),
    ],
)
def test_a_request_with_a_mistake_makes_no_key(console: Console, words: tuple[str, ...], said: str) -> None:
    assert said in console.with_a_town().refuse("keys", "request", *words)


def test_a_certificate_for_servers_only_is_not_enough(console: Console, tmp_path: Path) -> None:
    provider = Provider(tmp_path)
    console.with_a_town()
    request = asked(console, tmp_path, *SEAL)
    seal = provider.answer(request)
    # What was asked for as a seal does not become TLS by being copied there.
    keys = NodeKeys(console.home.secrets)
    keys.tls_key.parent.mkdir(parents=True)
    keys.tls_key.write_bytes((console.home.secrets / "seals" / "AF03201.next.key").read_bytes())
    assert "its key usage does not allow signatures" in console.refuse("keys", "install", "tls", seal)


def test_authorities_are_trusted_and_forgotten(console: Console, provider: Provider, tmp_path: Path) -> None:
    assert "Trusted: Autorità di prova" in console.do("keys", "trust", "add", provider.root_file)
    assert "were trusted already" in console.do("keys", "trust", "add", provider.root_file)
    listed = console.do("keys", "trust", "list")
    assert "Autorità di prova" in listed
    console.do("keys", "trust", "remove", listed.split()[0])
    assert "No authority" in console.do("keys", "trust", "list")
    assert "no authority is kept under x; there is none" in console.refuse("keys", "trust", "remove", "x")
