"""What the system promises: no row of one body is ever seen or written in the scope of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction

from crinale.kernel import clock
from crinale.kernel.ids import new_id
from crinale.spine.audit.models import Access
from crinale.spine.tenancy import ScopeMissing, WrongScope, actions, current_body, no_scope, scope
from crinale.spine.tenancy.models import TenantModel

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.django_db

# Tables that name a body and are yet the node's own, with the reason.
NODE_TABLES = {
    "tenancy_area": "public, in the IPA",
    "tenancy_office": "public, in the IPA",
    "tenancy_office_place": "public, in the IPA",
    "identity_grant": "people of a union work for several bodies",
    "identity_post": "read at the start of a request, before a body is chosen",
}
OWN_POLICIES = {"audit_fact": "facts of the node itself have no body"}


def tenant_models() -> list[type[TenantModel]]:
    return sorted(
        (model for model in apps.get_models() if issubclass(model, TenantModel)),
        key=lambda model: model._meta.db_table,
    )


def ask(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


@pytest.fixture
def bodies() -> tuple[UUID, UUID]:
    made = [
        actions.create_body(ipa_code=code, name=code, kind="municipality") for code in ("c_first", "c_second")
    ]
    return made[0].id, made[1].id


@pytest.fixture
def access(bodies: tuple[UUID, UUID]) -> Access:
    with scope(bodies[0]):
        row = Access(
            at=clock.now(), actor_kind="staff", actor_name="Anna", what="registration", object_id=new_id()
        )
        row.save()
    return row


def test_the_application_role_cannot_bypass_policies() -> None:
    (found,) = ask(
        "select rolsuper, rolbypassrls, (select count(*) from pg_class where relowner = pg_roles.oid)"
        " from pg_roles where rolname = current_user"
    )
    assert found == (False, False, 0)


def test_there_are_tenant_models() -> None:
    assert Access in tenant_models()


@pytest.mark.parametrize("table", [model._meta.db_table for model in tenant_models()])
def test_isolation_of_every_model(table: str) -> None:
    (secured,) = ask("select relrowsecurity from pg_class where oid = %s::text::regclass", table)
    assert secured == (True,), f"the migration of {table} must select crinale_tenant('{table}')"
    (column,) = ask(
        "select atttypid = 'uuid'::regtype, attnotnull from pg_attribute"
        " where attrelid = %s::text::regclass and attname = 'body_id'",
        table,
    )
    assert column == (True, True)
    policies = ask(
        "select policyname, permissive, roles::text, cmd, qual, with_check from pg_policies"
        " where tablename = %s",
        table,
    )
    condition = "(body_id = crinale_body())"
    assert policies == [("tenant", "PERMISSIVE", "{public}", "ALL", condition, condition)]


def test_every_table_that_names_a_body_is_isolated() -> None:
    rows = ask(
        "select relname::text, relrowsecurity from pg_class join pg_attribute on attrelid = pg_class.oid"
        " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and attname = 'body_id'"
    )
    tenants = {model._meta.db_table for model in tenant_models()}
    assert {name for name, secured in rows if not secured} <= NODE_TABLES.keys()
    assert {name for name, secured in rows if secured} <= tenants | OWN_POLICIES.keys()


def test_no_view_lends_the_owners_eyes() -> None:
    views = ask(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind in ('v', 'm')"
        " and not coalesce('security_invoker=true' = any(reloptions), false)"
    )
    assert views == []


def test_functions_that_run_as_the_owner_fix_their_search_path() -> None:
    loose = ask(
        "select proname::text from pg_proc where pronamespace = 'public'::regnamespace and prosecdef"
        " and not exists (select from unnest(proconfig) as setting where setting like 'search_path=%%')"
    )
    assert loose == []


def test_the_right_scope_sees_the_row(access: Access) -> None:
    with scope(access.body_id):
        assert Access.objects.get().id == access.id
        assert current_body() == access.body_id


def test_another_scope_sees_nothing(access: Access, bodies: tuple[UUID, UUID]) -> None:
    with scope(bodies[1]):
        assert not Access.objects.exists()
        assert not Access.across_bodies.exists()
        assert ask("select count(*) from audit_access where id = %s", access.id) == [(0,)]


def test_no_scope_sees_nothing_and_python_says_so(access: Access) -> None:
    with no_scope():
        assert ask("select count(*) from audit_access where id = %s", access.id) == [(0,)]
        with pytest.raises(ScopeMissing):
            Access.objects.exists()
        with pytest.raises(ScopeMissing):
            Access(at=clock.now(), actor_kind="staff", actor_name="A", what="x", object_id=new_id()).save()
        with pytest.raises(ScopeMissing):
            current_body()


def test_scopes_nest_and_return(bodies: tuple[UUID, UUID]) -> None:
    with scope(bodies[0]):
        with scope(bodies[1]):
            assert ask("select crinale_body()") == [(bodies[1],)]
        assert ask("select crinale_body()") == [(bodies[0],)]
    assert ask("select crinale_body()") == [(None,)]


def test_python_refuses_to_write_for_another_body(access: Access, bodies: tuple[UUID, UUID]) -> None:
    row = Access(
        body_id=bodies[0], at=clock.now(), actor_kind="staff", actor_name="A", what="x", object_id=new_id()
    )
    with scope(bodies[1]):
        with pytest.raises(WrongScope):
            row.save()
        with pytest.raises(WrongScope):
            Access.objects.bulk_create([row])


def test_the_database_refuses_to_insert_for_another_body(bodies: tuple[UUID, UUID]) -> None:
    with (
        scope(bodies[1]),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "insert into audit_access"
            " (id, body_id, at, actor_kind, actor_name, service, what, object_id, reason)"
            " values (%s, %s, now(), 'staff', 'A', '', 'x', %s, '')",
            [new_id(), bodies[0], new_id()],
        )


def test_the_database_refuses_to_move_a_row_to_another_body(
    bodies: tuple[UUID, UUID], owner_cursor: Any
) -> None:
    with connection.cursor() as cursor, scope(bodies[0]):
        cursor.execute("create temporary table kept (id int, body_id uuid not null) on commit drop")
        cursor.execute("select crinale_tenant('kept')")
        cursor.execute("alter table kept force row level security")
        cursor.execute("insert into kept values (1, %s)", [bodies[0]])
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            cursor.execute("update kept set body_id = %s", [bodies[1]])
        with scope(bodies[1]):
            cursor.execute("update kept set id = 2")
            assert cursor.rowcount == 0


def test_a_table_without_a_body_cannot_be_isolated() -> None:
    with connection.cursor() as cursor:
        cursor.execute("create temporary table loose (id int, body_id uuid) on commit drop")
        with pytest.raises(Exception, match="no column body_id uuid not null"), transaction.atomic():
            cursor.execute("select crinale_tenant('loose')")
