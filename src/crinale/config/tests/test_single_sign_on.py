"""The OpenID providers of a node are those of its settings, each with its secret from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.config.node import NodeHome
from crinale.config.single_sign_on import SingleSignOnIncomplete, openid

if TYPE_CHECKING:
    from pathlib import Path

COMPLETE = '[single_sign_on.c_f032]\nname = "Comune"\nissuer = "https://id.example"\nclient_id = "crinale"\n'


def home(tmp_path: Path, text: str) -> NodeHome:
    made = NodeHome(tmp_path)
    made.prepare()
    made.settings_file.write_text(text, encoding="utf-8")
    return made


def test_a_node_without_a_table_has_no_provider(tmp_path: Path) -> None:
    assert openid(home(tmp_path, "")) is None


def test_a_table_makes_a_provider_that_does_not_show_its_secret(tmp_path: Path) -> None:
    node = home(tmp_path, COMPLETE + 'matches = "tax_code"\nclaim = "fiscalNumber"\n')
    (node.secrets / "single_sign_on-c_f032").write_text("segretissimo\n", encoding="ascii")
    made = openid(node)
    assert made is not None
    assert [(one.code, one.name, one.matches) for one in made.providers()] == [
        ("c_f032", "Comune", "tax_code")
    ]
    assert "segretissimo" not in repr(vars(made)["_parties"]["c_f032"].settings)
    assert vars(made)["_parties"]["c_f032"].settings.secret == "segretissimo"


@pytest.mark.parametrize(
    "text",
    [
        '[single_sign_on.c_f032]\nclient_id = "crinale"\n',
        '[single_sign_on.c_f032]\nissuer = "https://id.example"\n',
        COMPLETE + 'matches = "name"\n',
    ],
)
def test_a_table_that_lacks_something_says_so(tmp_path: Path, text: str) -> None:
    with pytest.raises(SingleSignOnIncomplete):
        openid(home(tmp_path, text))
