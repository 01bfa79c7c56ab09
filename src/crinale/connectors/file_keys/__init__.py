"""Seal keys kept in PEM files: for demonstrations and for bodies whose certificate is a file."""

from __future__ import annotations

from crinale.connectors.file_keys.folder import FolderKeys
from crinale.connectors.file_keys.keys import FileSealKey

__all__ = ["FileSealKey", "FolderKeys"]
