"""A body moves from one node to another as one file, because a municipality may leave a union.

The file is a zip: `manifest.json` with the SHA-256 of every other member, one `rows/<table>.jsonl` per table
of the body in the order in which they can be inserted, and the documents as `blobs/<sha256>`. Rows travel as
PostgreSQL itself writes and reads them (`row_to_json`, `json_populate_record`), so that what is imported is
what was exported, to the microsecond and the byte, and a table added tomorrow travels without a word here.

Staff accounts and private keys belong to the node and stay there; rows name the people who acted.
Both commands run as the owner of the database.
"""

from __future__ import annotations

from crinale.config.transfer.archive import BrokenArchive, ExportUnderWay, OtherVersion, Tally
from crinale.config.transfer.arriving import BodyPresent, import_body
from crinale.config.transfer.leaving import export_body

__all__ = [
    "BodyPresent",
    "BrokenArchive",
    "ExportUnderWay",
    "OtherVersion",
    "Tally",
    "export_body",
    "import_body",
]
