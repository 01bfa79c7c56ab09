"""Packages for preservation in a folder that is shared with the preservation service."""

from __future__ import annotations

from crinale.connectors.deposit_folder.folder import FolderDeposit

__all__ = ["FolderDeposit"]
