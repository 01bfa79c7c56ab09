"""The manager of tables that belong to a body: outside a scope it raises, inside it sees one body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models

from crinale.spine.tenancy.scope import WrongScope, current_body

if TYPE_CHECKING:
    from collections.abc import Iterable

M = TypeVar("M", bound=models.Model)


def claim(row: Any) -> None:
    """Give a row the body of the open scope, or check that it has it.

    :raises ScopeMissing: when no scope is open.
    :raises WrongScope: when the row belongs to another body.
    """
    body_id = current_body()
    if row.body_id is None:
        row.body_id = body_id
    elif row.body_id != body_id:
        raise WrongScope


class TenantQuerySet(models.QuerySet[M, M]):
    """A query over the rows of the open scope."""

    def bulk_create(self, objs: Iterable[M], *args: Any, **options: Any) -> list[M]:
        """Insert many rows, each claimed for the open scope."""
        rows = list(objs)
        for row in rows:
            claim(row)
        return super().bulk_create(rows, *args, **options)


class TenantManager(models.Manager[M]):
    """The default manager of a :class:`~crinale.spine.tenancy.models.TenantModel`."""

    def get_queryset(self) -> TenantQuerySet[M]:
        """Return the rows of the open scope.

        :raises ScopeMissing: when none is open.
        """
        return TenantQuerySet[M](self.model, using=self._db).filter(body_id=current_body())
