"""The interface's texts: ``python -m tests.house.messages`` writes them into lms/translations/messages.pot."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "lms" / "translations" / "messages.pot"
KEYWORDS = {"N_": None, "_": None, "gettext": None, "ngettext": (1, 2)}


def extracted() -> Catalog:
    """Every text that the code and the templates mark, in the order of the files."""
    catalog = Catalog(
        project="Lantern", version="0.1.0", charset="utf-8", header_comment="# Texts of Lantern's interface."
    )
    for folder in ("courses", "lms", "quizzes", "templates"):
        methods = [("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.py", "python")]
        if folder != "templates":
            methods = [("**.py", "python")]
        options = {"**.html": {"trimmed": "true", "newstyle_gettext": "true"}, "**.txt": {"newstyle_gettext": "true"}}
        found = extract_from_dir(ROOT / folder, method_map=methods, options_map=options, keywords=KEYWORDS)
        for name, line, message, _comments, context in sorted(found, key=lambda row: (row[0], row[1])):
            catalog.add(message, locations=[(f"{folder}/{name}", line)], context=context)
    return catalog


def messages(catalog: Catalog) -> set[str]:
    return {message.id if isinstance(message.id, str) else message.id[0] for message in catalog if message.id}


def kept() -> Catalog:
    with FILE.open("rb") as file:
        return read_po(file)


if __name__ == "__main__":
    with FILE.open("wb") as file:
        write_po(file, extracted(), sort_output=True, no_location=True, omit_header=False)
