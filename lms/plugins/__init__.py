"""The plugin door: what a plugin says of itself, what it may add, how it is found and what happens when it fails."""

from lms.plugins.about import About
from lms.plugins.contributions import (
    DemoStep,
    Erasure,
    GuestKeeping,
    JobKind,
    MigrationHistory,
    NavigationItem,
    Permission,
    ScopedRole,
    TemplateFolder,
)
from lms.plugins.hooks import hookimpl, hookspec

__all__ = [
    "About",
    "DemoStep",
    "Erasure",
    "GuestKeeping",
    "JobKind",
    "MigrationHistory",
    "NavigationItem",
    "Permission",
    "ScopedRole",
    "TemplateFolder",
    "hookimpl",
    "hookspec",
]
