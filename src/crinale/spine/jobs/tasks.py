"""Tasks: functions that jobs run, known by name, with the one place where a job opens a body's scope."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crinale.spine.tenancy import no_scope, scope

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, kw_only=True)
class Retry:
    """How often a job that failed is tried again, and how long it waits in between, up to a limit."""

    attempts: int = 8
    first: timedelta = timedelta(seconds=1)
    factor: float = 3.0
    longest: timedelta = timedelta(minutes=10)

    def wait(self, failed: int) -> timedelta | None:
        """Return how long to wait after so many failed attempts, or nothing when that was the last."""
        if failed >= self.attempts:
            return None
        return timedelta(
            seconds=min(
                self.first.total_seconds() * self.factor ** (failed - 1), self.longest.total_seconds()
            )
        )


NEVER = Retry(attempts=1)


class UnknownTask(LookupError):
    """No function of this program answers to the name of the job's task."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A function that jobs run. Calling it runs it here and now, in whatever scope is open."""

    name: str
    function: Callable[..., None]
    queue: str
    retry: Retry
    lock: str
    once: str
    priority: int
    parameters: frozenset[str]
    identifiers: frozenset[str]

    def __call__(self, **arguments: Any) -> None:
        """Run the function here and now."""
        self.function(**arguments)

    def run(self, arguments: dict[str, Any]) -> None:
        """Run the function with the arguments of a job, in the scope of the job's body, or in none."""
        body = arguments.get("body_id")
        body_id = UUID(body) if body is not None else None
        revived = {
            name: UUID(value) if name in self.identifiers and value is not None else value
            for name, value in arguments.items()
        }
        with no_scope() if body_id is None else scope(body_id):
            self.function(**{**revived, "body_id": body_id})


_tasks: dict[str, Task] = {}


def task(
    *, queue: str = "default", retry: Retry | None = None, lock: str = "", once: str = "", priority: int = 0
) -> Callable[[Callable[..., None]], Task]:
    """Make a task of a function that takes keyword arguments, ``body_id`` among them.

    Arguments are JSON values; those annotated ``UUID`` may be UUIDs and arrive as such.

    :param lock: jobs with the same text run one by one; may name arguments, ``"exchange:{message_id}"``.
    :param once: a second waiting job with the same text is not made.
    :param priority: higher runs first.
    """

    def make(function: Callable[..., None]) -> Task:
        parameters = inspect.signature(function).parameters
        if "body_id" not in parameters or any(
            parameter.kind is not inspect.Parameter.KEYWORD_ONLY for parameter in parameters.values()
        ):
            raise TypeError(f"{function.__qualname__}: a task takes keyword arguments only, and body_id")
        made = Task(
            name=f"{function.__module__.removeprefix('crinale.')}.{function.__qualname__}",
            function=function,
            queue=queue,
            retry=retry or Retry(),
            lock=lock,
            once=once,
            priority=priority,
            parameters=frozenset(parameters),
            identifiers=frozenset(
                name for name, parameter in parameters.items() if "UUID" in str(parameter.annotation)
            )
            - {"body_id"},
        )
        _tasks[made.name] = made
        return made

    return make


def find(name: str) -> Task:
    """Return the task with a name.

    :raises UnknownTask: when this program has none, for instance after an upgrade that dropped it.
    """
    try:
        return _tasks[name]
    except KeyError:
        raise UnknownTask(name) from None
