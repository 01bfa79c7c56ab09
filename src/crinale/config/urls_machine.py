"""The addresses of the machine listener: what connectors and services answer other administrations.

A connector that serves something has a module `urls`, a service names its own in its manifest.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.util import find_spec

from django.urls import include, path

from crinale import connectors
from crinale.config import discovery

_CONNECTORS = [f"{connectors.__name__}.{found.name}" for found in pkgutil.iter_modules(connectors.__path__)]

urlpatterns = [
    pattern
    for connector in sorted(_CONNECTORS)
    if find_spec(f"{connector}.urls") is not None
    for pattern in import_module(f"{connector}.urls").urlpatterns
] + [path("", include(one.machine_urls)) for one in discovery.manifests() if one.machine_urls]
