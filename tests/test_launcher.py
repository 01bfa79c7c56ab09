"""The launcher: a POSIX script that needs nothing before it, and says what lacks."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
LAUNCHER = REPOSITORY / "crinale"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A bare copy of what the launcher reads, with no virtual environment."""
    for name in ("crinale", "requirements.lock", "requirements-dev.lock", "package-lock.json"):
        shutil.copy2(REPOSITORY / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "cat", "cmp", "cp", "dirname", "flock", "id", "mkdir", "readlink", "rm", "sleep"):
        found = shutil.which(tool)
        assert found, tool
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def launch(checkout: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [checkout / "crinale", *arguments],
        env={"PATH": str(checkout / "bin")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def write_tool(checkout: Path, name: str, script: str) -> None:
    tool = checkout / "bin" / name
    tool.unlink(missing_ok=True)
    tool.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    tool.chmod(0o755)


# A Python that makes a virtual environment as the real one does, and notes what it was asked.
FAKE_PYTHON = """
here=$(dirname "$0"); log=$here/log
echo "$*" >> "$log"
case "$*" in
*"-m venv"*)
    for last; do :; done
    mkdir -p "$last/bin"; cp "$0" "$last/bin/python"; : > "$last/bin/has_pip" ;;
*"-m pip --version"*) [ -e "$here/has_pip" ] ;;
*"-m pip install"*) [ ! -e "$here/../../bin/pip_fails" ] && sleep 0.3 ;;
*crinale.config.cli*) echo "started $*" ;;
esac
"""


def test_it_is_a_posix_script() -> None:
    assert LAUNCHER.stat().st_mode & stat.S_IXUSR
    dash = shutil.which("dash") or shutil.which("sh")
    assert dash is not None
    checked = subprocess.run([dash, "-n", LAUNCHER], check=False, capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_without_python_it_names_the_package(checkout: Path) -> None:
    write_tool(checkout, "id", "echo 1000")
    write_tool(checkout, "apt-get", "exit 1")
    process = launch(checkout, "demo")
    _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "sudo apt install python3" in said


def test_without_the_venv_module_root_on_debian_installs_it(checkout: Path) -> None:
    write_tool(checkout, "id", "echo 0")
    write_tool(checkout, "apt-get", f'echo "$*" >> {checkout}/apt; : > {checkout}/has_venv')
    refusing = f'case "$*" in *ensurepip*) [ -e {checkout}/has_venv ] || exit 1 ;; esac\n{FAKE_PYTHON}'
    write_tool(checkout, "python3", refusing)
    process = launch(checkout, "demo")
    said, complaint = process.communicate(timeout=20)
    assert process.returncode == 0, complaint
    assert "started" in said
    assert "python3-venv" in (checkout / "apt").read_text()


def test_two_first_starts_at_once_install_once(checkout: Path) -> None:
    write_tool(checkout, "python3", FAKE_PYTHON)
    processes = [launch(checkout, "demo"), launch(checkout, "demo")]
    answers = [process.communicate(timeout=20) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], answers
    assert all("started" in said for said, _ in answers)
    log = (checkout / ".venv" / "bin" / "log").read_text()
    assert log.count("-m pip install") == 1


def test_an_interrupted_installation_is_taken_up_again(checkout: Path) -> None:
    write_tool(checkout, "python3", FAKE_PYTHON)
    (checkout / "bin" / "pip_fails").touch()
    process = launch(checkout, "demo")
    process.communicate(timeout=20)
    assert process.returncode != 0
    (checkout / "bin" / "pip_fails").unlink()
    process = launch(checkout, "demo")
    said, _ = process.communicate(timeout=20)
    assert "started" in said
    again = launch(checkout, "demo")
    said, complaint = again.communicate(timeout=20)
    assert "started" in said
    assert complaint == "", "nothing to install the third time"


def test_changed_locks_are_installed_and_tests_bring_their_tools(checkout: Path) -> None:
    write_tool(checkout, "python3", FAKE_PYTHON)
    launch(checkout, "demo").communicate(timeout=20)
    log = checkout / ".venv" / "bin" / "log"
    assert "requirements-dev.lock" not in log.read_text()
    launch(checkout, "test").communicate(timeout=20)
    assert "requirements-dev.lock" in log.read_text()
    before = log.read_text().count("-m pip install")
    with (checkout / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    launch(checkout, "demo").communicate(timeout=20)
    assert log.read_text().count("-m pip install") == before + 1


def test_the_contents_are_told_without_loading_what_the_commands_need() -> None:
    told = subprocess.run(
        [LAUNCHER, "--help"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPROFILEIMPORTTIME": "1"},
    )
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in told.stderr.splitlines()}
    assert "click" in loaded
    assert not loaded & {"django", "lxml", "psycopg", "cryptography", "granian"}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_digests_and_no_index_is_named(lock: str) -> None:
    text = (REPOSITORY / lock).read_text(encoding="utf-8")
    requirements = text.replace("\\\n", " ").splitlines()
    assert len(requirements) > 30
    assert all("--hash=sha256:" in line for line in requirements if line and not line.startswith("#"))
    assert "://" not in text
    assert "--index" not in text


def test_the_front_end_lock_has_digests_and_names_no_index() -> None:
    import json

    lock = json.loads((REPOSITORY / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert {"node_modules/bootstrap-italia", "node_modules/htmx.org"} <= set(packages)
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())
