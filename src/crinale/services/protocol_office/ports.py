"""What the protocol office needs of the machine it runs on: the folder in which scanners drop files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.kernel.ports import Port

if TYPE_CHECKING:
    from pathlib import Path

# Below it one folder per area, named by the code of the area; none is made here.
scan_root: Port[Path] = Port("protocol_office.scan_root")
