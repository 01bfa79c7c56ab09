"""What a new edition of the filing plan changes, and under which heading each old one goes on.

The plan is brought up to date while what was filed keeps its heading (DPR 445/2000 art. 50 c.4, 64; AgID
guidelines on electronic documents, 3.3). A line of the CSV may say in a third column, ``from``, which
headings of the edition before it continues; where none does, the same code with the same title, a title
found once in both editions, and the same code with another title are taken to continue, in this order.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crinale.spine.records.rules.filing import Heading


@dataclass(frozen=True, slots=True)
class Continued:
    """A heading of the edition before and the one under which it goes on."""

    old: Heading
    new: Heading

    @property
    def moved(self) -> bool:
        """Say whether the code is another."""
        return self.old.code != self.new.code

    @property
    def renamed(self) -> bool:
        """Say whether the title is another."""
        return self.old.title != self.new.title


@dataclass(frozen=True, slots=True)
class PlanDifference:
    """What an edition changes: headings that are new, renamed, moved to another code, closed."""

    added: tuple[Heading, ...]
    renamed: tuple[Continued, ...]
    moved: tuple[Continued, ...]
    closed: tuple[Heading, ...]
    unchanged: int
    continued: tuple[Continued, ...]

    @property
    def empty(self) -> bool:
        """Say whether the editions are the same."""
        return not (self.added or self.renamed or self.moved or self.closed)


def compare(old: Iterable[Heading], new: Iterable[Heading]) -> PlanDifference:
    """Compare an edition with the one before it.

    :raises Invalid: when ``from`` names a heading that the edition before has not.
    """
    before, after = {one.code: one for one in old}, list(new)
    pairs = _declared(before, after)
    declared = {pair.new.code for pair in pairs}
    for same in (_same(before, after), _same_title(before, after), _same_code(before, after)):
        left, right = {pair.old.code for pair in pairs}, {pair.new.code for pair in pairs} | declared
        pairs += [pair for pair in same if pair.old.code not in left and pair.new.code not in right]
    places = {heading.code: place for place, heading in enumerate(after)}
    pairs.sort(key=lambda pair: (places[pair.new.code], pair.old.position))
    left, right = {pair.old.code for pair in pairs}, {pair.new.code for pair in pairs}
    return PlanDifference(
        added=tuple(one for one in after if one.code not in right),
        renamed=tuple(pair for pair in pairs if pair.renamed and not pair.moved),
        moved=tuple(pair for pair in pairs if pair.moved),
        closed=tuple(one for one in before.values() if one.code not in left),
        unchanged=sum(not pair.moved and not pair.renamed for pair in pairs),
        continued=tuple(pairs),
    )


def _declared(before: dict[str, Heading], after: list[Heading]) -> list[Continued]:
    pairs = []
    for heading in after:
        for code in heading.continues:
            if code not in before:
                raise Invalid("plan", "the column from names a heading that the edition in force has not")
            pairs.append(Continued(before[code], heading))
    return pairs


def _same(before: dict[str, Heading], after: list[Heading]) -> list[Continued]:
    return [pair for pair in _same_code(before, after) if not pair.renamed]


def _same_code(before: dict[str, Heading], after: list[Heading]) -> list[Continued]:
    return [Continued(before[one.code], one) for one in after if one.code in before]


def _same_title(before: dict[str, Heading], after: list[Heading]) -> list[Continued]:
    """Pair the headings whose title stands once in each edition; a title that repeats says nothing."""
    titled = _titled_once(before.values())
    return [
        Continued(titled[title], heading) for title, heading in _titled_once(after).items() if title in titled
    ]


def _titled_once(headings: Iterable[Heading]) -> dict[str, Heading]:
    known = [(one.title.casefold(), one) for one in headings]
    times = Counter(title for title, _heading in known)
    return {title: heading for title, heading in known if times[title] == 1}
