"""The home of a node: settings that survive a round trip, secrets that are made once, databases by role."""

from __future__ import annotations

import stat
import threading
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from crinale.config.database_urls import (
    APP_URL,
    OWNER_URL,
    DatabaseRole,
    database_url,
    django_settings_of,
    with_credentials,
)
from crinale.config.node import NodeHome, UnwritableSetting, to_toml

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> NodeHome:
    return NodeHome(tmp_path / "node")


def test_settings_come_back_as_they_were_written(home: NodeHome) -> None:
    written: dict[str, Any] = {
        "web": {
            "port": 8000,
            "https": True,
            "hosts": ["a.example", "b.example"],
            "name": 'Città "alta" \\ \n',
        },
        "odd names": {"clé à molette": 1.5, "since": date(2026, 1, 7)},
        "deep": {"er": {"at": datetime(2026, 1, 7, 9, 30, tzinfo=UTC), "empty": {}}},
    }
    home.update_settings(**written)
    assert home.settings() == written


def test_an_update_keeps_what_it_does_not_name(home: NodeHome) -> None:
    home.update_settings(web={"port": 1, "workers": 2}, worker={"concurrency": 3})
    assert home.update_settings(web={"port": 4}) == home.settings()
    assert home.settings() == {"web": {"port": 4, "workers": 2}, "worker": {"concurrency": 3}}


def test_what_toml_cannot_say_is_refused() -> None:
    with pytest.raises(UnwritableSetting):
        to_toml({"web": {"port": None}})


def test_a_secret_is_made_once_and_closed_to_others(home: NodeHome) -> None:
    assert home.existing_secret("django") is None
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(home.secret("other"))) for _ in range(8)]
    first = home.secret("django")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert home.secret("django") == home.existing_secret("django") == first
    assert len(set(found)) == 1
    assert stat.S_IMODE((home.secrets / "django").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.secrets.stat().st_mode) == 0o700


def test_a_secret_cut_short_by_a_kill_is_made_again(home: NodeHome) -> None:
    home.secret("django")
    (home.secrets / "django").write_text("")
    assert len(home.secret("django")) > 40


def test_each_role_has_its_own_url(home: NodeHome, monkeypatch: pytest.MonkeyPatch) -> None:
    assert database_url(DatabaseRole.APP, home=home) is None
    home.update_settings(postgres={"port": 5555})
    password = home.secret("postgres-app")
    assert (
        database_url(DatabaseRole.APP, home=home)
        == f"postgresql://crinale_app:{password}@127.0.0.1:5555/crinale"
    )
    monkeypatch.setenv(APP_URL, "postgresql://app@server/town")
    assert database_url(DatabaseRole.APP, home=home) == "postgresql://app@server/town"
    monkeypatch.delenv(APP_URL)
    monkeypatch.setenv(OWNER_URL, "postgresql://owner@server:6543/town?sslmode=require")
    assert (
        database_url(DatabaseRole.OWNER, home=home) == "postgresql://owner@server:6543/town?sslmode=require"
    )
    derived = f"postgresql://crinale_app:{password}@server:6543/town?sslmode=require"
    assert database_url(DatabaseRole.APP, home=home) == derived


def test_credentials_are_escaped_and_options_reach_django() -> None:
    url = with_credentials("postgresql://o@h:1/d?connect_timeout=3", "us/er", "p@ss:w/ord")
    settings = django_settings_of(url)
    assert (settings["USER"], settings["PASSWORD"], settings["HOST"]) == ("us/er", "p@ss:w/ord", "h")
    assert settings["OPTIONS"]["connect_timeout"] == "3"
