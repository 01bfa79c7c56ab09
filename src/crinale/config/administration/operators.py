"""Who works at the console of a node: a user of the operating system, not one of the node's people."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from typing import Self

from crinale.spine.identity import Actor


@dataclass(frozen=True, kw_only=True)
class Operator:
    """The actor of a command, which may do everything, and the name of the user who gave it."""

    actor: Actor
    user: str

    @classmethod
    def at_console(cls) -> Self:
        """The user of the operating system, and behind `sudo` the one who typed it."""
        user = _user_name(os.getuid())
        sudo = os.environ.get("SUDO_USER", "")
        known = f"{user} ({sudo})" if sudo and sudo != user else user
        return cls(actor=Actor(name="console", kind="system", service=f"console: {known}"), user=known)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
