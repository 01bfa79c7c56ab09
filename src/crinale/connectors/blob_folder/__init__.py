"""Blobs in a folder of the node: one file each, named by its SHA-256."""

from __future__ import annotations

from crinale.connectors.blob_folder.store import FolderBlobStore

__all__ = ["FolderBlobStore"]
