"""The identifier column. It keeps its default out of migrations, which import no application code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from crinale.kernel.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID

    UUIDField = models.UUIDField[UUID | str, UUID]
else:
    UUIDField = models.UUIDField


class IdField(UUIDField):
    """A UUID version 7 primary key, made in Python; migrations see a plain ``UUIDField``."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("primary_key", True)
        options.setdefault("editable", False)
        options["default"] = new_id
        super().__init__(*args, **options)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Describe the column as Django's own, without the default."""
        name, _path, args, options = super().deconstruct()
        options.pop("default", None)
        return name, "django.db.models.UUIDField", args, options
