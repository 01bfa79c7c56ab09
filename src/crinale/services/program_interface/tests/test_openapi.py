"""The committed document is that of the code, and calls made from it at random find nothing undocumented."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.http import HttpResponse
from hypothesis import HealthCheck, Phase
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from crinale.services.program_interface.http import door, openapi, resources
from crinale.services.program_interface.http.catalogue import OPERATIONS
from crinale.services.program_interface.http.operations import Reply
from crinale.services.program_interface.tests.callers import make_caller

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import Settings

    from crinale.services.program_interface.http.operations import Call
    from crinale.services.program_interface.tests.callers import Caller
    from crinale.spine.exchange.tests.pair import Pair

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


def test_the_committed_document_is_the_one_of_the_code() -> None:
    committed = openapi.FILE.read_text(encoding="utf-8")
    assert committed == openapi.text(), "run: ./crinale program openapi"


@pytest.mark.django_db
def test_it_is_served_and_every_reference_leads_somewhere(client: Any) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    text = answer.content.decode()
    known = answer.json()["components"]["schemas"]
    assert set(re.findall(r'"#/components/schemas/(\w+)"', text)) <= known.keys()
    told = {one["operationId"] for path in answer.json()["paths"].values() for one in path.values()}
    assert {one.name for one in OPERATIONS} <= told


@pytest.fixture
def committed_caller(committed_pair: Pair, calls: None) -> Caller:
    """A program of a town in a database of its own: no transaction stays open while it calls."""
    return make_caller(committed_pair.massa)


@contextmanager
def signals_of_a_server_off() -> Iterator[None]:
    """A server ends its connection after each request; here it is that of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _schema() -> Any:
    from crinale.config.wsgi import application

    document = json.loads(openapi.FILE.read_text(encoding="utf-8"))
    schema = schemathesis.openapi.from_dict(document)
    schema.app = application
    return schema


def call_at_random(caller: Caller, *, examples: int, only: str = "") -> int:
    """Call operations as their description allows; fails at the first answer that it does not."""
    made = caller.register().json()
    names = {
        "aoo_code": caller.town.code,
        "registration_id": made["registration_id"],
        "sha256": made["documents"][0]["sha256"],
    }
    asked = 0
    for found in _schema().get_all_operations():
        operation = found.ok()
        if only and operation.definition.raw["operationId"] != only:
            continue

        @hypothesis.seed(20261123)
        @hypothesis.settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def call(case: Any) -> None:
            nonlocal asked
            asked += 1
            for name, value in names.items():
                if name in (case.path_parameters or {}):
                    case.path_parameters[name] = value
            headers = {"Authorization": f"Bearer {caller.token}"}
            case.call_and_validate(headers=headers, checks=list(CHECKS))

        with signals_of_a_server_off():
            call()
    return asked


@pytest.mark.xdist_group("schemathesis")
@pytest.mark.filterwarnings("ignore")
def test_no_call_made_from_the_document_breaks_the_door(committed_caller: Caller, settings: Settings) -> None:
    settings.CRINALE_REQUESTS_PER_ADDRESS = 10_000
    assert call_at_random(committed_caller, examples=15) >= 8 * len(OPERATIONS)


def _breaks(_call: Call) -> Reply:
    raise ZeroDivisionError


def _teapot(_call: Call) -> HttpResponse:
    return HttpResponse("{}", status=418, content_type="application/problem+json")


def _other_shape(_call: Call) -> Reply:
    return Reply(content=resources.Offices(items=()), location="")


def _other_type(_call: Call) -> HttpResponse:
    return HttpResponse("<p>", content_type="text/html")


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("planted", "complaint"),
    [
        (_breaks, "Server error"),
        (_teapot, "Undocumented status code"),
        (_other_shape, "violates schema"),
        (_other_type, "Undocumented Content-Type"),
    ],
)
def test_a_handler_that_breaks_its_promise_is_found(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, planted: Any, complaint: str
) -> None:
    broken = {
        name: replace(one, run=planted) if one.name == "get_registration" else one
        for name, one in ((one.name, one) for one in OPERATIONS)
    }
    addresses = [
        (pattern, {method: broken[one.name] for method, one in methods.items()})
        for pattern, methods in door._ADDRESSES
    ]
    monkeypatch.setattr(door, "_ADDRESSES", addresses)
    with pytest.raises(FailureGroup) as found:
        call_at_random(caller, examples=2, only="get_registration")
    assert complaint in str(found.value) + str(found.value.exceptions)
