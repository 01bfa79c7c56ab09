"""Finds the services: one folder each under ``services``, known by its manifest."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from crinale import services

if TYPE_CHECKING:
    from crinale.kernel.manifest import Manifest


@cache
def manifests() -> tuple[Manifest, ...]:
    """Return the manifest of every service of this installation, by name."""
    names = sorted(
        f"crinale.services.{found.name}.manifest" for found in pkgutil.iter_modules(services.__path__)
    )
    return tuple(import_module(name).MANIFEST for name in names if find_spec(name) is not None)
