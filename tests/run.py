"""``make test`` and ``make soak``: the suite on both databases and in a real browser; nothing is skipped in silence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str:
    """The path of a Chromium: ``LMS_CHROMIUM``, one on PATH, else, as root, Debian's package; exits with advice."""
    named = os.environ.get("LMS_CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            sys.exit(f"LMS_CHROMIUM names {named}, which is not a program.")
        return named
    found = _on_path()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("The browser tests need Chromium: installing Debian's package.", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "-qq", *command], check=False, env=environment, stdout=subprocess.DEVNULL)
        found = _on_path()
    if found is None:
        sys.exit(
            "The browser tests need Chromium. Type: sudo apt-get install chromium (or set LMS_CHROMIUM to its path)."
        )
    return found


def _on_path() -> str | None:
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def main() -> int:
    soak = "--soak" in sys.argv
    rest = [word for word in sys.argv[1:] if word != "--soak"]
    environment = {**os.environ, "LMS_CHROMIUM": chromium()}
    for name in [name for name in environment if name.startswith("LMS_") and name != "LMS_CHROMIUM"]:
        del environment[name]  # the tests say themselves what a site is configured with
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a hundred processes would compile the same code, each for itself
    processes = str(min(os.cpu_count() or 2, 4))
    # By itself loadfile leaves files with few tests for the end: those are the long ones, and the others would wait.
    spread = ["-n", processes, "--dist", "loadfile", "--no-loadscope-reorder"]
    command = [sys.executable, "-m", "pytest", *spread, *rest]
    if soak:
        command += ["--soak", "-m", "soak", "--timeout", "3600"]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
