"""The Django settings of every process of a node, one file per concern.

They read the node's home (CRINALE_HOME, node.toml, secrets/) and the environment, and write nothing.
"""

from __future__ import annotations

from crinale.config.settings.applications import *
from crinale.config.settings.database import *
from crinale.config.settings.documents import *
from crinale.config.settings.exchange import *
from crinale.config.settings.interface import *
from crinale.config.settings.jobs import *
from crinale.config.settings.language import *
from crinale.config.settings.logs import *
from crinale.config.settings.web import *
