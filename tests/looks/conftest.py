"""The browser that looks."""

from __future__ import annotations

from tests.journeys.conftest import chromium

__all__ = ["chromium"]
