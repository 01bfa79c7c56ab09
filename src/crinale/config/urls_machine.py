"""The addresses of the machine listener: what each connector answers other administrations.

A connector that serves something has a module `urls`.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.util import find_spec

from crinale import connectors

_CONNECTORS = [f"{connectors.__name__}.{found.name}" for found in pkgutil.iter_modules(connectors.__path__)]

urlpatterns = [
    pattern
    for connector in sorted(_CONNECTORS)
    if find_spec(f"{connector}.urls") is not None
    for pattern in import_module(f"{connector}.urls").urlpatterns
]
