"""A program of its own, run by :mod:`.drawing`: it draws one page of one file, or counts the pages.

Arguments: the folder, the name of the file in it, ``draw`` or ``count``, the page or the most pages. It takes
little memory and processor time for itself before it looks at the file.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import typst

_MEMORY = 1 << 30
_SECONDS = 8
_DRAWING = """
#set page(width: auto, height: auto, margin: 0pt)
#context {
  let draw(..size) = image(sys.inputs.name, ..size, ..if sys.inputs.page != "" {(page: int(sys.inputs.page))})
  let natural = measure(draw())
  let share = calc.min(float(sys.inputs.most), 640pt / natural.width, 1800pt / natural.height)
  draw(width: natural.width * share, height: natural.height * share)
}
"""
# Asking for the page is enough to know whether it is there; nothing is drawn.
_ASKING = """
#set page(width: 10pt, height: 10pt, margin: 0pt)
#hide(image(sys.inputs.name, width: 1pt, ..if sys.inputs.page != "" {(page: int(sys.inputs.page))}))
#metadata(1) <there>
"""


def main(folder: Path, name: str, what: str, number: int) -> None:
    """Write the picture, or the number of pages, to the standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    (folder / "draw.typ").write_text(_DRAWING)
    (folder / "ask.typ").write_text(_ASKING)
    pdf = name.endswith(".pdf")
    if what == "count":
        pages = _count(folder, name, number) if pdf else int(_is_there(folder, name, ""))
        sys.stdout.write(str(pages))
        return
    inputs = {"name": name, "page": str(number) if pdf else "", "most": "1.6" if pdf else "1"}
    picture = typst.compile(
        folder / "draw.typ", root=folder, sys_inputs=inputs, format="png", ppi=110.0, ignore_system_fonts=True
    )
    sys.stdout.buffer.write(picture)


def _count(folder: Path, name: str, most: int) -> int:
    """Find the last page by halves."""
    there, gone = 0, 1
    while gone <= most and _is_there(folder, name, str(gone)):
        there, gone = gone, gone * 2
    gone = min(gone, most + 1)
    while gone - there > 1:
        middle = (there + gone) // 2
        if _is_there(folder, name, str(middle)):
            there = middle
        else:
            gone = middle
    return there


def _is_there(folder: Path, name: str, page: str) -> bool:
    inputs = {"name": name, "page": page}
    try:
        typst.query(folder / "ask.typ", "<there>", root=folder, sys_inputs=inputs, ignore_system_fonts=True)
    except RuntimeError:
        return False
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
