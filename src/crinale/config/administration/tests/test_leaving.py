"""An export with which nothing came about leaves the body where it is: its registers go on."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import psycopg

from crinale.config.transfer import BrokenArchive, leaving

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from crinale.config.administration.tests.conftest import Console


def open_and_closed(console: Console) -> tuple[int, int]:
    with psycopg.connect(console.owner_url) as owner:
        ((count, closed),) = owner.execute(
            "select count(*), count(*) filter (where left_at is not null and returned_at is null)"
            " from protocol_register left join protocol_departure on register_id = id"
        ).fetchall()
    return count - closed, closed


def doors(console: Console) -> int:
    with psycopg.connect(console.owner_url) as owner:
        ((count,),) = owner.execute("select count(*) from tenancy_area where endpoint <> ''").fetchall()
    return int(count)


def test_registers_close_with_the_export_and_open_again_when_it_fails(
    lasting_console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lasting_console.with_a_town()
    with psycopg.connect(lasting_console.owner_url) as owner:
        owner.execute("update tenancy_area set endpoint = 'https://nodo.example/aoo'")
    command = ("body", "export", "c_f032", str(tmp_path / "massa.zip"))
    lasting_console.do(*command)
    assert open_and_closed(lasting_console) == (2, 0), "a copy closes nothing"

    def broken(*_: Any) -> None:
        assert open_and_closed(lasting_console) == (0, 2), "closed before the snapshot"
        assert not doors(lasting_console)
        raise BrokenArchive

    with monkeypatch.context() as patched:
        patched.setattr(leaving, "_export", broken)
        lasting_console.type(*command, "--leaving")
    assert open_and_closed(lasting_console) == (2, 0)
    assert doors(lasting_console)

    lasting_console.do(*command, "--leaving")
    assert open_and_closed(lasting_console) == (0, 2)
    assert not doors(lasting_console)
    with zipfile.ZipFile(tmp_path / "massa.zip") as archive:
        assert not any("departure" in name for name in archive.namelist())
    assert [fact["leaving"] for fact in lasting_console.facts("body.exported")] == [False, True, True]
