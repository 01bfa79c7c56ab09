"""An administrator at the console of a node with a real, empty database and an empty home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
import pytest
from click.testing import CliRunner
from django.db import connection

from crinale.config.cli import program
from crinale.config.node import NodeHome
from crinale.spine import tenancy
from crinale.spine.audit.models import FactRow
from crinale.spine.tenancy import queries

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from crinale.config.testing.databases import TestDatabase

SECRET = "una frase lunga e quieta"


@dataclass
class Console:
    """Types commands, and looks at the facts that they left."""

    home: NodeHome
    owner_url: str = ""

    def type(self, *words: str, given: str | None = None) -> Result:
        return CliRunner().invoke(program.program, words, input=given)

    def do(self, *words: str, given: str | None = None) -> str:
        """A command that must succeed; returns what it said."""
        answer = self.type(*words, given=given)
        assert answer.exit_code == 0, answer.output
        return answer.output

    def refuse(self, *words: str, given: str | None = None) -> str:
        """A command that must fail with a sentence, and change nothing; returns what it said."""
        before = self.everything()
        answer = self.type(*words, given=given)
        assert answer.exit_code in {1, 2}, answer.output
        assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
        assert "Error: " in answer.output
        assert self.everything() == before
        return " ".join(answer.output.split())

    def facts(self, kind: str) -> list[dict[str, object]]:
        """What the facts of a kind say, over all bodies; as the owner also those of the node itself."""
        found: list[dict[str, object]] = []
        if self.owner_url:
            with psycopg.connect(self.owner_url) as owner:
                rows = owner.execute(
                    "select payload, actor_name, service from audit_fact where kind = %s order by id", [kind]
                ).fetchall()
            return [{**payload, "actor": name, "service": service} for payload, name, service in rows]
        for body in queries.bodies():
            with tenancy.scope(body.id):
                facts = FactRow.objects.filter(kind=kind, body_id=body.id).order_by("id")
                found += [
                    {**fact.payload, "actor": fact.actor_name, "service": fact.service} for fact in facts
                ]
        return found

    def everything(self) -> tuple[object, ...]:
        """A picture of what commands may change: rows of the node's own tables, and the files of its keys."""
        tables = ("tenancy_body", "tenancy_membership", "tenancy_area", "tenancy_office")
        rows = []
        with connection.cursor() as cursor:
            for table in (*tables, "identity_person", "identity_grant"):
                cursor.execute(f"select t::text from {table} t order by id")
                rows += cursor.fetchall()
        files = {file: file.read_bytes() for file in self.home.secrets.rglob("*") if file.is_file()}
        return (*rows, files)

    def with_a_town(self) -> Console:
        """Massa Marittima with one area."""
        self.do("body", "add", "c_f032", "--name", "Comune di Massa Marittima", "--istat", "053015")
        self.do("area", "add", "AF03201", "--body", "c_f032", "--name", "Protocollo generale")
        return self


def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NodeHome:
    monkeypatch.setenv("CRINALE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CRINALE_DB_ROLE", "app")  # the commands set it; this puts it back
    monkeypatch.delenv("SUDO_USER", raising=False)
    return NodeHome.current()


@pytest.fixture
def console(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Console:
    """A console whose changes are rolled back."""
    return Console(_home(tmp_path, monkeypatch))


@pytest.fixture
def lasting_console(fresh_database: TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Console:
    """A console whose changes last, for whoever looks at them as the owner, or from another process."""
    return Console(_home(tmp_path, monkeypatch), owner_url=fresh_database.owner_url)
