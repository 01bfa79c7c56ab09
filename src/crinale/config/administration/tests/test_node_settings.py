"""What an administrator reads of the settings of the node: values and where they are from, never a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.config.administration.node_settings import SettingsOfNode
from crinale.config.node import NodeHome

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from crinale.services.console.ports import Setting


def read(home: NodeHome, body_ipa: str = "c_f032") -> dict[str, Setting]:
    return {
        row.key: row for group in SettingsOfNode(home).groups(body_ipa=body_ipa) for row in group.settings
    }


def test_values_say_where_they_are_from(tmp_path: Path) -> None:
    home = NodeHome(tmp_path)
    home.update_settings(web={"https": True, "hosts": ["a.example", "b.example"]})
    found = read(home)
    assert (found["[web] https"].value, found["[web] https"].source) == ("yes", "file")
    assert found["[web] hosts"].value == "a.example, b.example"
    assert (found["[web] port"].value, found["[web] port"].source) == ("8000", "default")
    assert found["[machine] certificate"].value == "not set"
    assert found["[machine] certificate"].remedy


def test_a_secret_is_never_among_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = NodeHome(tmp_path)
    home.prepare()
    hidden = [home.secret(name) for name in ("django", "second-factors", "notices", "single_sign_on-c_f032")]
    home.update_settings(
        exchange={"hub": "https://nodo:parola-segreta@hub.example:8443/"},
        notices={"host": "smtp.example", "password": "parola-segreta"},
    )
    monkeypatch.setenv("CRINALE_DATABASE_URL", "postgresql://crinale:parola-segreta@db.example/crinale")
    found = read(home)
    shown = repr(found)
    assert not [one for one in (*hidden, "parola-segreta") if one in shown]
    assert found["[exchange] hub"].value == "https://hub.example:8443/"
    assert found["secrets/notices"].value == found["CRINALE_DATABASE_URL"].value == "set"
    (home.secrets / "notices").unlink()
    assert read(home)["secrets/notices"].value == "not set"


def test_the_provider_of_another_body_is_left_out(tmp_path: Path) -> None:
    home = NodeHome(tmp_path)
    home.update_settings(
        single_sign_on={
            "c_f032": {"issuer": "https://massa.example", "client_id": "m"},
            "c_i454": {"issuer": "https://sassetta.example", "client_id": "s"},
        }
    )
    assert read(home)["[single_sign_on.c_f032] issuer"].value == "https://massa.example"
    assert "sassetta" not in repr(read(home))
    assert read(home, "c_i454")["[single_sign_on.c_i454] issuer"].value == "https://sassetta.example"
