"""Ticks: what a node does every so many seconds, for instance looking for rows whose due instant has come.

A tick compares due columns with ``clock.now()``, so a demonstration may move its clock. However many workers
run, each tick is claimed by one of them, through a row that says when it was claimed last (in the server's
own time).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from crinale.spine.tenancy import no_scope, scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

log = logging.getLogger(__name__)

_CLAIM = """
insert into jobs_tick (name, claimed_at) values (%(name)s, clock_timestamp())
on conflict (name) do update set claimed_at = clock_timestamp()
where jobs_tick.claimed_at <= clock_timestamp() - make_interval(secs => %(seconds)s)
   or jobs_tick.claimed_at > clock_timestamp()
returning true
"""


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A function that a node calls every so many seconds."""

    name: str
    function: Callable[..., None]
    seconds: float
    per_body: bool

    def __call__(self) -> None:
        """Run it for every body in its scope, where one failure does not stop the others, or once in none."""
        if not self.per_body:
            with no_scope():
                self.function()
            return
        for body_id in _body_ids():
            try:
                with scope(body_id):
                    self.function(body_id=body_id)
            except Exception:
                log.exception("The tick %s failed for the body %s", self.name, body_id)


_ticks: dict[str, Tick] = {}


def periodic(*, seconds: float, per_body: bool = False) -> Callable[[Callable[..., None]], Tick]:
    """Make a tick of a function: without arguments, or with ``body_id`` to run once in each body's scope.

    A tick is short: what takes time goes into a job that it makes.
    """

    def make(function: Callable[..., None]) -> Tick:
        made = Tick(
            name=f"{function.__module__.removeprefix('crinale.')}.{function.__qualname__}",
            function=function,
            seconds=seconds,
            per_body=per_body,
        )
        _ticks[made.name] = made
        return made

    return make


def _body_ids() -> list[UUID]:
    # In SQL, because this module is imported before Django has loaded the models.
    with connection.cursor() as cursor:
        cursor.execute("select id from tenancy_body order by id")
        return [body_id for (body_id,) in cursor.fetchall()]


def claim(tick: Tick) -> bool:
    """Say whether the tick is due, and if so take it for this process."""
    parameters: dict[str, Any] = {"name": tick.name, "seconds": tick.seconds}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, parameters)
        return cursor.fetchone() is not None


def all_ticks() -> list[Tick]:
    """Return the ticks of every package, by name."""
    return [_ticks[name] for name in sorted(_ticks)]


def run_ticks(*, due_only: bool = False) -> int:
    """Run every tick once, here and now (or those that are due); return how many ran.

    A tick that fails is logged and does not keep the others from running.
    """
    count = 0
    for tick in all_ticks():
        if due_only and not claim(tick):
            continue
        count += 1
        try:
            tick()
        except Exception:
            log.exception("The tick %s failed", tick.name)
    return count
