"""What the protocol may rely on, whichever preservation service is behind the port."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from crinale.connectors.deposit_folder import FolderDeposit
from crinale.connectors.deposit_folder.fake import FakeDeposit
from crinale.connectors.deposit_folder.folder import FolderUnreachable
from crinale.connectors.deposit_folder.judging import judge
from crinale.connectors.deposit_folder.report import UnreadableReport, read_report, write_report
from crinale.spine.protocol.ports import DepositPackage, DepositRefused
from crinale.spine.protocol.rules.preservation import PackageContent, PackedFile, package

if TYPE_CHECKING:
    from pathlib import Path

    from crinale.spine.protocol.ports import Deposit

REPORT = b'<RapportoDiVersamento xmlns="urn:crinale:rapporto-di-versamento:1">%b</RapportoDiVersamento>'
NAME = "registro-AAAA001-RU-2026-11-20-1"


@pytest.fixture(params=["folder", "fake"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Deposit:
    return FolderDeposit(tmp_path, simulated=True) if request.param == "folder" else FakeDeposit()


def packed(name: str = NAME, *, content: bytes = b"{}") -> DepositPackage:
    data = package(
        PackageContent(
            identifier=name,
            body_name="Comune di Massa Marittima",
            ipa_code="c_f032",
            aoo_code="AAAA001",
            register_code="RU",
            day=date(2026, 11, 20),
            made_at=datetime(2026, 11, 21, 6, tzinfo=UTC),
            files=[PackedFile("giorno.json", "application/json", content)],
        )
    )
    return DepositPackage(name, data, hashlib.sha256(data).hexdigest())


def test_a_package_gets_a_receipt_and_a_report_about_its_bytes(service: Deposit) -> None:
    receipt = service.submit(packed())
    report = service.status(receipt)
    assert report is not None
    assert (report.accepted, report.reasons) == (True, ())
    assert report.package_sha256 == packed().sha256
    assert read_report(report.data).files == {"giorno.json": hashlib.sha256(b"{}").hexdigest()}


def test_the_same_package_again_has_the_same_receipt(service: Deposit) -> None:
    assert service.submit(packed()) == service.submit(packed())


def test_other_bytes_under_the_same_name_are_refused(service: Deposit) -> None:
    service.submit(packed())
    with pytest.raises(DepositRefused) as refused:
        service.submit(packed(content=b"{ }"))
    assert refused.value.reasons


def test_a_package_that_was_never_delivered_has_no_report(service: Deposit) -> None:
    assert service.status("registro-sconosciuto-1") is None


def test_a_package_that_differs_from_its_index_is_refused_with_reasons() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed().data)) as good, zipfile.ZipFile(target, "w") as bad:
        bad.writestr("PIndex.xml", good.read("PIndex.xml"))
        bad.writestr("giorno.json", b"[]")
        bad.writestr("altro.txt", b"?")
    report = judge(NAME, target.getvalue())
    assert not report.accepted
    assert report.reasons == (
        "Il file altro.txt non è nell'indice",
        "L'impronta del file giorno.json non corrisponde all'indice",
    )
    assert not judge(NAME, b"not a zip").accepted
    assert read_report(write_report(report)).reasons == report.reasons


def test_the_report_is_awaited_where_the_service_is_another(tmp_path: Path) -> None:
    service = FolderDeposit(tmp_path)
    receipt = service.submit(packed())
    assert service.status(receipt) is None
    delivered = (tmp_path / "versamenti" / f"{NAME}.zip").read_bytes()
    service.reports.mkdir()
    (service.reports / f"{NAME}-rdv.xml").write_bytes(write_report(judge(NAME, delivered)))
    found = service.status(receipt)
    assert found is not None
    assert found.accepted
    assert [one.name for one in (tmp_path / "versamenti").iterdir()] == [f"{NAME}.zip"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a/>",
        b'<!DOCTYPE a><RapportoDiVersamento xmlns="urn:crinale:rapporto-di-versamento:1"/>',
        REPORT % b"<Esito>forse</Esito>",
        REPORT % b"<Esito>accettato</Esito><RiferimentoTemporale>2026-11-20T08:00:00</RiferimentoTemporale>",
    ],
)
def test_what_is_not_a_report_is_not_read_as_one(tmp_path: Path, data: bytes) -> None:
    service = FolderDeposit(tmp_path)
    service.reports.mkdir()
    (service.reports / f"{NAME}-rdv.xml").write_bytes(data)
    with pytest.raises(UnreadableReport):
        service.status(NAME)


def test_no_name_leads_out_of_the_folder_and_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(DepositRefused):
        FolderDeposit(tmp_path).submit(packed("../altrove"))
    with pytest.raises(DepositRefused):
        FolderDeposit(tmp_path).status("/etc/passwd")
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnreachable):
        FolderDeposit(tmp_path / "file").submit(packed())
