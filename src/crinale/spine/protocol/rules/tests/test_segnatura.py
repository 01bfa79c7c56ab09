"""The segnatura: valid by both schemas, read back as written, carried without losing a byte."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from crinale.kernel.errors import Invalid
from crinale.spine.protocol.rules import segnatura
from crinale.spine.protocol.rules.digests import Digest
from crinale.spine.protocol.rules.segnatura_data import CARRIED, PROT, ROOT
from crinale.spine.protocol.rules.segnatura_reading import UNQUALIFIED_ATTRIBUTES, InvalidSegnatura, parse
from crinale.spine.protocol.rules.tests.samples import (
    FIRST,
    IDENTIFIER,
    document,
    every_shape,
    needs_official,
    official_segnatura,
    sample,
)
from crinale.spine.protocol.schemas.validation import NAMES, schema_text, segnatura_problems
from crinale.spine.records.signatures import xades
from crinale.spine.records.signatures.certificates import TrustStore
from crinale.spine.records.signatures.tests import pki
from crinale.spine.records.signatures.xmldsig import canonicalize

if TYPE_CHECKING:
    from crinale.spine.protocol.rules.segnatura import SegnaturaData


@pytest.fixture(scope="module")
def trust() -> TrustStore:
    return TrustStore([pki.root().certificate])


def sealed(data: SegnaturaData) -> bytes:
    return xades.seal(segnatura.build(data), key=pki.ec_seal(), signing_time=pki.NOW)


def test_every_shape_is_canonical_valid_and_read_back() -> None:
    shapes = list(every_shape())
    assert len(shapes) > 190
    for data in shapes:
        text = segnatura.build(data)
        assert canonicalize(etree.fromstring(text)) == text
        xml = sealed(data)
        assert segnatura_problems(etree.fromstring(xml)) == ()
        assert parse(xml) == data


@needs_official
def test_every_shape_is_valid_by_the_official_schema() -> None:
    official = official_segnatura()
    for data in every_shape():
        root = etree.fromstring(sealed(data))
        assert official.validate(root), list(official.error_log)[:3]


Mutation = Callable[[etree._Element], object]


def drop(path: str) -> Mutation:
    def apply(root: etree._Element) -> None:
        element = found(root, path)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return apply


def write(path: str, value: str) -> Mutation:
    return lambda root: setattr(found(root, path), "text", value)


def put(path: str, name: str, value: str | None) -> Mutation:
    def apply(root: etree._Element) -> None:
        element = found(root, path)
        if value is None:
            element.attrib.pop(name)
        else:
            element.set(name, value)

    return apply


def twice(path: str) -> Mutation:
    def apply(root: etree._Element) -> None:
        element = found(root, path)
        element.addnext(etree.fromstring(etree.tostring(element, with_tail=False)))

    return apply


def mutations() -> dict[str, Mutation]:
    """Name ways to break a segnatura that has everything."""
    q = f"{{{PROT}}}"
    primary, recipient = "Descrizione/DocumentoPrimario", "Descrizione/Destinatario"
    return {
        "no identifier": drop("Intestazione/Identificatore"),
        "no subject": drop("Intestazione/Oggetto"),
        "no classification": drop("Intestazione/Classifica"),
        "no classification code": drop("Intestazione/Classifica/CodiceFlat"),
        "no sender": drop("Descrizione/Mittente"),
        "no recipient": drop(recipient),
        "no primary document": drop(primary),
        "no digest": drop(f"{primary}/Impronta"),
        "two senders": twice("Descrizione/Mittente"),
        "two subjects": twice("Intestazione/Oggetto"),
        "two primary documents": twice(primary),
        "two bodies in a recipient": twice(f"{recipient}/Amministrazione"),
        "short number": write("Intestazione/Identificatore/NumeroRegistrazione", "123456"),
        "number with letters": write("Intestazione/Identificatore/NumeroRegistrazione", "123456A"),
        "no such date": write("Intestazione/Identificatore/DataRegistrazione", "2026-02-30"),
        "Italian date": write("Intestazione/Identificatore/DataRegistrazione", "23/11/2026"),
        "no such time": write("Intestazione/Identificatore/OraRegistrazione", "25:00:00"),
        "register with a space": write("Intestazione/Identificatore/CodiceRegistro", "P G"),
        "register too long": write("Intestazione/Identificatore/CodiceRegistro", "P" * 17),
        "register empty": write("Intestazione/Identificatore/CodiceRegistro", ""),
        "confidential maybe": write("Intestazione/Riservato", "forse"),
        "digest not base64": write(f"{primary}/Impronta", "non base64!"),
        "mark not true": write(f"{primary}/firmatoDigitalmente/UnDetached", "false"),
        "version 2": put(".", f"{q}versione", "2.0.0"),
        "no version": put(".", f"{q}versione", None),
        "English": put(".", f"{q}lang", "en"),
        "no file name": put(primary, f"{q}nomeFile", None),
        "no media type": put(primary, f"{q}mimeType", None),
        "confirmation maybe": put(recipient, f"{q}confermaRicezione", "forse"),
        "foreign attribute": put("Intestazione", f"{q}nuovo", "x"),
        "unqualified attribute": put(primary, "nomeFile", "x"),
        "foreign element": lambda root: etree.SubElement(found(root, "Intestazione"), f"{q}Nuovo"),
        "text among elements": write("Intestazione", "testo"),
        "order": lambda root: root.insert(0, found(root, "Descrizione")),
        "no seal": lambda root: root.remove(root[-1]),
        "nothing in the seal": lambda root: root[-1].clear(),
        "another root": lambda root: setattr(root, "tag", f"{q}Segnatura"),
        "bad tax code": write(f"{recipient}/Amministrazione/CFAmministrazione", "123"),
        "person without a last name": drop(f"{recipient}/Amministrazione/PersonaFisica/Cognome"),
        "no such address kind": put(
            f"{recipient}/Amministrazione/ContattiUO/IndirizzoTelematico", f"{q}tipo", "fax"
        ),
    }


def found(root: etree._Element, path: str) -> etree._Element:
    if path == ".":
        return root
    element = root.find("/".join(f"{{{PROT}}}{name}" for name in path.split("/")))
    assert element is not None, path
    return element


def full() -> etree._Element:
    data = sample(
        recipients=(next(s.sender for s in every_shape() if s.sender.office_code),),
        primary=document("a.pdf", 1),
        confidential=True,
    )
    return etree.fromstring(sealed(data))


def test_the_full_sample_is_valid_before_it_is_broken() -> None:
    assert segnatura_problems(full()) == ()


@pytest.mark.parametrize("name", mutations())
def test_broken_segnature_are_refused_by_our_schema(name: str) -> None:
    root = full()
    mutations()[name](root)
    assert segnatura_problems(root) != ()


@needs_official
@pytest.mark.parametrize("name", mutations())
def test_broken_segnature_are_refused_by_the_official_schema(name: str) -> None:
    root = full()
    mutations()[name](root)
    assert not official_segnatura().validate(root)


@needs_official
def test_both_schemas_accept_the_same_signatures() -> None:
    """The parts of ds:Signature: dropping, doubling and renaming each one has the same effect on both."""
    count = len(list(full().iter("{http://www.w3.org/2000/09/xmldsig#}*")))
    for position in range(count):
        for change in ("drop", "double", "rename", "attribute", "text"):
            root = full()
            element = list(root.iter("{http://www.w3.org/2000/09/xmldsig#}*"))[position]
            parent = element.getparent()
            assert parent is not None
            if change == "drop":
                parent.remove(element)
            elif change == "double":
                element.addnext(etree.fromstring(etree.tostring(element, with_tail=False)))
            elif change == "rename":
                element.tag = "{http://www.w3.org/2000/09/xmldsig#}PGPData"
            elif change == "attribute":
                element.set("Id", "x")
            else:
                element.text = "?"
            assert official_segnatura().validate(root) == (segnatura_problems(root) == ()), (
                element.tag,
                change,
            )


def test_attributes_without_prefix_are_forgiven_and_reported() -> None:
    data = sample(attachments=(document("b.pdf", 6),))
    xml = sealed(data)
    plain = xml.replace(b" prot:", b" ")
    assert plain != xml
    read = parse(plain)
    assert read.leniencies == (UNQUALIFIED_ATTRIBUTES,)
    assert read.attachments == data.attachments
    assert read.recipients == data.recipients
    with pytest.raises(InvalidSegnatura):
        parse(plain.replace(b"NumeroRegistrazione>0000123<", b"NumeroRegistrazione>123<"))


def test_invalid_segnature_say_where() -> None:
    xml = sealed(sample()).replace(b">0000123<", b">123<")
    with pytest.raises(InvalidSegnatura) as caught:
        parse(xml)
    assert "NumeroRegistrazione" in str(caught.value)
    for hostile in (
        b"",
        b"<a/>",
        b"<!DOCTYPE a><a/>",
        b"<a>" * 10_000,
        xml.replace(b"delibera", b"<?p i?>delibera", 1),
    ):
        with pytest.raises(InvalidSegnatura):
            parse(hostile)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"classification": None}, "classification"),
        ({"recipients": ()}, "recipients"),
        ({"subject": "con \x07 campana"}, "subject"),
        ({"attachments": (document("delibera.pdf"),)}, "documents.file_name"),
        ({"attachments": (document("DELIBERA.pdf"),)}, "documents.file_name"),
        ({"primary": document("../../etc/passwd")}, "documents.file_name"),
        ({"primary": document("")}, "documents.file_name"),
    ],
)
def test_what_cannot_be_written_names_its_field(changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        segnatura.build(sample(**changes))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("written", "name", "verifiable"),
    [
        ("SHA-256", "SHA-256", True),
        ("sha256", "SHA-256", True),
        ("SHA_512", "SHA-512", True),
        ("http://www.w3.org/2001/04/xmlenc#sha512", "SHA-512", True),
        ("http://www.w3.org/2001/04/xmldsig-more#sha384", "SHA-384", True),
        ("SHA-224", "SHA-224", True),
        ("HMAC-SHA-256", "HMAC-SHA-256", False),
        ("hmac-sha512", "HMAC-SHA-512", False),
        ("http://www.w3.org/2001/04/xmldsig-more#hmac-sha224", "HMAC-SHA-224", False),
        ("MD5", "MD5", False),
    ],
)
def test_all_algorithms_of_table_1_are_understood(written: str, name: str, *, verifiable: bool) -> None:
    xml = sealed(sample()).replace(b'prot:algoritmo="SHA-256"', f'prot:algoritmo="{written}"'.encode())
    digest = parse(xml).primary.digest
    assert digest is not None
    assert (digest.algorithm, digest.verifiable) == (name, verifiable)


def test_an_absent_algorithm_is_sha_256() -> None:
    digest = parse(sealed(sample()).replace(b' prot:algoritmo="SHA-256"', b"")).primary.digest
    assert digest is not None
    assert digest.algorithm == "SHA-256"


def test_a_segnatura_under_its_travelling_name_is_read_alike(trust: TrustStore) -> None:
    """In a message the same content stands in ``msgprot:Segnatura``; some senders seal it under that name."""
    xml = segnatura.build(sample())
    declared = b'<msgprot:Segnatura xmlns:msgprot="http://www.agid.gov.it/protocollo/messaggi/"'
    travelling = xml.replace(b"<prot:SegnaturaInformatica", declared)
    travelling = travelling.replace(b"</prot:SegnaturaInformatica", b"</msgprot:Segnatura")
    as_is = xades.seal(travelling, key=pki.ec_seal(), signing_time=pki.NOW)
    assert etree.fromstring(as_is).tag == CARRIED
    assert xades.verify_seal(as_is, trust=trust, at=pki.NOW).valid
    assert parse(as_is) == sample()


def test_the_identifier_is_the_only_thing_left_to_write() -> None:
    prepared = segnatura.prepare(sample())
    assert prepared.finish(IDENTIFIER) == segnatura.build(sample())
    assert (
        parse(xades.seal(prepared.finish(FIRST), key=pki.ec_seal(), signing_time=pki.NOW)).identifier == FIRST
    )


def test_preparing_finishing_and_reading_are_quick() -> None:
    data = sample(attachments=tuple(document(f"{n}.pdf", n) for n in range(3)))
    xml = sealed(data)
    parse(xml)
    begin = time.process_time()
    for _ in range(100):
        segnatura.prepare(data).finish(data.identifier)
    middle = time.process_time()
    for _ in range(100):
        parse(xml)
    assert (middle - begin) / 100 < 0.002
    assert (time.process_time() - middle) / 100 < 0.005


def test_threads_validate_side_by_side() -> None:
    good, bad = sealed(sample()), sealed(sample()).replace(b">0000123<", b">123<")
    wrong: list[object] = []

    def work() -> None:
        for _ in range(30):
            if segnatura_problems(etree.fromstring(good)):
                wrong.append("good refused")
            if not any(
                "NumeroRegistrazione" in problem for problem in segnatura_problems(etree.fromstring(bad))
            ):
                wrong.append("bad without its reason")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_schemas_are_served_by_name_only() -> None:
    for name in NAMES:
        assert schema_text(name).startswith(b"<?xml")
    with pytest.raises(KeyError):
        schema_text("../__init__.py")


@needs_official
def test_our_message_schema_describes_the_same_message() -> None:
    """The types of messaggio_protocollo.xsd, by their shape: the WSDL builds on them."""
    root = etree.fromstring(schema_text("messaggio_protocollo.xsd"))
    xs = "{http://www.w3.org/2001/XMLSchema}"
    names = {element.get("name") for element in root.findall(f"{xs}complexType")}
    assert names == {"MessaggioProtocolloType", "FileType"}
    assert root.get("attributeFormDefault") == "qualified"
    assert etree.QName(ROOT).namespace == PROT


def test_digests_compare_with_streams() -> None:
    digest = Digest.of_sha256("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    assert digest.agrees_with(io.BytesIO(b"abc"))
    assert not digest.agrees_with(io.BytesIO(b"abd"))
    assert not Digest(digest.value, "HMAC-SHA-256").agrees_with(io.BytesIO(b"abc"))
