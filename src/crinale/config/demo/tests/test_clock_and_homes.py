"""The demonstration's clock only moves forward; its home remembers ports and is held by one process."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crinale.config.demo import clock as demo_clock
from crinale.config.demo import homes
from crinale.kernel.errors import Invalid

if TYPE_CHECKING:
    from pathlib import Path


def test_the_moved_clock_stands_at_the_instant_and_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    wished = demo_clock.system_time() + timedelta(days=3)

    demo_clock.move(file, wished)
    shown = demo_clock.MovedClock(file)()

    assert wished <= shown < wished + timedelta(minutes=1)


def test_the_clock_refuses_the_past_and_an_instant_without_offset(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    demo_clock.move(file, demo_clock.system_time() + timedelta(days=3))

    with pytest.raises(Invalid, match="only moves forward"):
        demo_clock.move(file, demo_clock.system_time() + timedelta(days=2))
    with pytest.raises(Invalid, match="offset"):
        demo_clock.move(file, datetime(2099, 1, 1))  # noqa: DTZ001  the naive instant is the case


def test_a_spoilt_clock_file_does_not_turn_the_clock_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clock"
    monkeypatch.setattr(demo_clock, "_LOOK_EVERY_SECONDS", 0)
    demo_clock.move(file, demo_clock.system_time() + timedelta(days=3))
    source = demo_clock.MovedClock(file)
    before = source()

    file.write_text("spoilt")

    assert source() >= before


def test_ports_are_kept_unless_somebody_else_took_one(tmp_path: Path) -> None:
    home = homes.DemoHome(tmp_path)
    first = home.ports()
    assert home.ports() == first

    with socket.socket() as other:
        other.bind((homes.LOOPBACK, first["tix"].pages))
        other.listen()
        second = home.ports()

    assert second["tix"].pages != first["tix"].pages
    assert second["nal-piombino"] == first["nal-piombino"]


def test_one_process_at_a_time_holds_the_network(tmp_path: Path) -> None:
    home = homes.DemoHome(tmp_path)

    with home.locked():
        assert home.is_running
        with pytest.raises(homes.AlreadyRunning), home.locked():
            pass
    assert not home.is_running
