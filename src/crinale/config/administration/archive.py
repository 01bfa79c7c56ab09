"""Take over the registrations of older software from a CSV file: look, then do it, go on after a stop."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from crinale.config.administration.archive_rows import WrongLine, locate, read_rows
from crinale.kernel.digests import sha256_stream
from crinale.kernel.errors import Conflict
from crinale.spine import tenancy
from crinale.spine.protocol.actions import archive as protocol
from crinale.spine.records import actions as records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crinale.config.administration.archive_rows import Line
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.actions.archive import Archive, ArchivedFile, ArchivedRegistration
    from crinale.spine.records.queries import DocumentRef
    from crinale.spine.tenancy.queries import AreaRef

AT_ONCE: Final = 200


@dataclass(slots=True)
class Tally:
    """What became of the lines: how many of each outcome (``new``, ``known``, ``differs``, ``wrong``)."""

    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        """Whether every line was taken over, or would be."""
        return not self.outcomes["wrong"] and not self.outcomes["differs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file of registrations, the folder of their documents, and the register that they become."""

    file: Path
    files: Path | None
    register_code: str
    register_name: str = ""
    default_heading: str = ""


def take_over(
    *,
    actor: Actor,
    area: AreaRef,
    source: Source,
    apply: bool,
    report: Path,
    progress: Callable[[int], None] = lambda _lines: None,
) -> Tally:
    """Read every line and write what becomes of it into ``report``; with ``apply``, register what is new.

    Each batch is one transaction: what a stop leaves undone, the same command does the next time.

    :raises Invalid: when the file as a whole cannot be read, or the register's code is taken.
    """
    tally = Tally()
    with tenancy.scope(area.body_id), report.open("w", encoding="utf-8-sig", newline="") as written:
        table = csv.writer(written)
        table.writerow(("line", "number", "outcome", "column", "remedy"))
        archive = _archive(actor, area, source, apply=apply)
        lines = read_rows(
            source.file, files=source.files, default_heading=source.default_heading, known=archive.headings
        )
        for batch in _batches(lines):
            for row in _outcomes(actor, archive, source, batch, apply=apply):
                table.writerow(row)
                tally.outcomes[row[2]] += 1
            written.flush()
            progress(tally.outcomes.total())
    return tally


def _archive(actor: Actor, area: AreaRef, source: Source, *, apply: bool) -> Archive:
    if not apply:
        return protocol.find_archive(actor=actor, area_id=area.id, register_code=source.register_code)
    return protocol.open_archive(
        actor=actor,
        area_id=area.id,
        register_code=source.register_code,
        name=source.register_name,
        file_name=source.file.name,
        file_sha256=_digest(source.file),
    )


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return sha256_stream(stream)[0]


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while batch := list(islice(lines, AT_ONCE)):
        yield batch


def _outcomes(
    actor: Actor, archive: Archive, source: Source, batch: list[Line], *, apply: bool
) -> Iterator[tuple[int, str, str, str, str]]:
    wrong = [one for one in batch if isinstance(one, WrongLine)]
    sound: list[ArchivedRegistration] = [one for one in batch if not isinstance(one, WrongLine)]

    def store(file: ArchivedFile) -> DocumentRef:
        if source.files is None:  # a line that names files without a folder is a wrong one
            raise Conflict
        with locate(file.name, source.files).open("rb") as stream:
            return records.store_document(actor=actor, file_name=file.name.replace("\\", "/"), stream=stream)

    if apply:
        found = protocol.take_over(actor=actor, archive=archive, batch=sound, store=store)
    else:
        found = protocol.compare(archive, sound)
    told = {one.line: (one.line, one.number, "wrong", one.column, one.remedy) for one in wrong}
    for one in sound:
        remedy = "the register has this number with another content: nothing was changed"
        outcome = found[one.line]
        told[one.line] = (
            one.line,
            f"{one.number}/{one.year}",
            outcome,
            "",
            remedy if outcome == "differs" else "",
        )
    for line in sorted(told):
        yield told[line]
