"""`crinale demo --once --out DIR`: the main job by one command, with proofs that foreign tools accept."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from crinale.connectors.aoo_soap.tests import official
from crinale.spine.protocol.schemas.validation import segnatura_problems
from tests.network import crinale

if TYPE_CHECKING:
    from pathlib import Path

    from crinale.connectors.aoo_soap.operations import Role
    from tests.demo.once import Once

# The mails that the provider of the demonstration signed.
SIGNED = ("acceptance", "delivery", "arrived", "confirmation")
pytestmark = pytest.mark.xdist_group("network")


def test_it_ends_well_and_prints_both_numbers(once: Once) -> None:
    assert once.result.returncode == 0, once.result.stdout + once.result.stderr
    assert "Comune di Massa Marittima: protocol 0000001" in once.result.stdout
    assert "Comune di Sassetta: protocol 0000001" in once.result.stdout


def test_the_folder_holds_the_proofs_and_the_documents(once: Once) -> None:
    assert {file.name for file in once.out.iterdir()} == {
        "request.xml",
        "response.xml",
        "confirmation-request.xml",
        "receipt.json",
        "segnatura.xml",
        "seal-certificate.pem",
        "ca.pem",
        *(f"pec-{name}.eml" for name in ("sent", *SIGNED)),
        "conferma.xml",
        "pec-ca.pem",
        *once.documents,
    }
    for name, content in once.documents.items():
        assert (once.out / name).read_bytes() == content


def test_the_receipt_names_both_registrations_and_every_step(once: Once) -> None:
    receipt = json.loads((once.out / "receipt.json").read_text())

    assert receipt["state"] == "registered"
    assert (receipt["sender"]["aoo_code"], receipt["recipient"]["aoo_code"]) == ("AF03201", "AI45401")
    assert receipt["sender"]["number"] == receipt["recipient"]["number"] == "0000001"
    assert [step["state"] for step in receipt["states"]][-1] == "registered"
    assert {"sealed", "accepted", "registered"} <= {step["step"] for step in receipt["states"]}
    instants = [receipt["registered_at"], *(step["at"] for step in receipt["states"])]
    assert all(text.endswith("Z") and datetime.fromisoformat(text).tzinfo for text in instants)
    for document in receipt["documents"]:
        assert document["sha256"] == hashlib.sha256(once.documents[document["file"]]).hexdigest()


@pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="xmlsec1 is not installed")
def test_the_seal_verifies_with_a_foreign_tool_against_the_authority(once: Once) -> None:
    verified = subprocess.run(
        [
            "xmlsec1", "--verify", "--trusted-pem", once.out / "ca.pem",
            "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties", once.out / "segnatura.xml",
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip

    assert verified.returncode == 0, verified.stderr


def test_the_seal_certificate_is_the_one_in_the_segnatura(once: Once) -> None:
    seal = x509.load_pem_x509_certificate((once.out / "seal-certificate.pem").read_bytes())
    authority = x509.load_pem_x509_certificate((once.out / "ca.pem").read_bytes())
    text = etree.parse(once.out / "segnatura.xml").findtext(
        ".//{http://www.w3.org/2000/09/xmldsig#}X509Certificate"
    )

    seal.verify_directly_issued_by(authority)
    assert text is not None
    assert base64.b64decode(text) == seal.public_bytes(Encoding.DER)


def test_the_segnatura_names_the_digest_of_each_document(once: Once) -> None:
    text = (once.out / "segnatura.xml").read_text()

    for content in once.documents.values():
        assert base64.b64encode(hashlib.sha256(content).digest()).decode() in text


def test_the_segnatura_is_valid(once: Once) -> None:
    assert segnatura_problems(etree.parse(once.out / "segnatura.xml").getroot()) == ()


@official.needed
@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("request.xml", "destinatario"),
        ("response.xml", "destinatario"),
        ("confirmation-request.xml", "mittente"),
    ],
)
def test_the_messages_are_valid_against_the_official_types(once: Once, name: str, role: Role) -> None:
    assert official.problems(role, (once.out / name).read_bytes()) == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@pytest.mark.parametrize("name", SIGNED)
def test_envelopes_and_receipts_verify_with_a_foreign_tool(once: Once, name: str) -> None:
    verified = subprocess.run(
        [
            "openssl",
            "cms",
            "-verify",
            "-in",
            once.out / f"pec-{name}.eml",
            "-CAfile",
            once.out / "pec-ca.pem",
        ],
        capture_output=True,
        check=False,
    )

    assert verified.returncode == 0, verified.stderr
    assert b"daticert.xml" in verified.stdout


def test_the_body_outside_was_told_the_number_by_certified_mail(once: Once) -> None:
    told = etree.parse(once.out / "conferma.xml").getroot()
    space = {"p": "http://www.digitPa.gov.it/protocollo/"}

    assert told.tag == "{http://www.digitPa.gov.it/protocollo/}ConfermaRicezione"
    assert told.findtext("p:Identificatore/p:CodiceAOO", namespaces=space) == "AF03201"
    assert told.findtext("p:Identificatore/p:NumeroRegistrazione", namespaces=space) == "0000002"
    received = told.findtext("p:MessaggioRicevuto/p:Identificatore/p:NumeroRegistrazione", namespaces=space)
    assert received == "0000001"
    assert "its certified mail is protocol 0000002" in once.result.stdout


def test_nothing_is_left_running(once: Once) -> None:
    assert once.left_behind == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["there-is-none.pdf"], "there is no such file"),
        (["."], "it is not a file"),
        (["empty.txt"], "it is empty"),
        (["a/x.txt", "b/x.txt"], "has the same name"),
        (["receipt.json"], "rename it"),
    ],
)
def test_a_bad_file_is_named_before_anything_starts(tmp_path: Path, given: list[str], said: str) -> None:
    (tmp_path / "empty.txt").touch()
    for name in ("a/x.txt", "b/x.txt", "receipt.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")

    ended = crinale(tmp_path / "home", "demo", *(str(tmp_path / name) for name in given), timeout=30)

    assert ended.returncode != 0
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "home").exists()
