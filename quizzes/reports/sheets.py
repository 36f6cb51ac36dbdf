"""Rows as CSV and as XLSX, in which no cell is a formula.

A spreadsheet program runs a cell that begins with one of ``= + - @``, a tab or a line break, also behind quotes or
blanks and in the full-width forms of East Asian keyboards. Such a text gets an apostrophe in front; `restored` takes
it away again. Numbers are written as numbers, so that they can be reckoned with.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import IO

Cell = str | int | float | bool | datetime | None

BOM = "\ufeff"
"""Without it Excel reads UTF-8 as the letters of its own country; every other program skips it."""

LONGEST_CELL = 32_000  # a little less than what XLSX holds

_DANGEROUS = re.compile(r"(?:[\t\r\n]|[\s\"'‘’“”„«»＇＂]*[=+\-@＝＋－＠﹢﹣﹦﹫])")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_MARK = "'"


def safe(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula."""
    text = _UNPRINTABLE.sub("", text)
    return _MARK + text if _DANGEROUS.match(text) else text


def restored(cell: str) -> str:
    """Return the text of which `safe` made a cell."""
    return cell[1:] if cell.startswith(_MARK) and _DANGEROUS.match(cell[1:]) else cell


def _plain(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return int(cell)
    if isinstance(cell, datetime):
        return f"{cell.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return safe(cell) if isinstance(cell, str) else cell


def as_csv(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Give a CSV file (RFC 4180, UTF-8 with a byte order mark) in pieces as the rows come."""
    buffer = io.StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])
        if buffer.tell() > 32_000:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def as_xlsx(sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]]) -> IO[bytes]:
    """Return an XLSX file, at its beginning, with sheets as (title, rows); rows go to disk as they come."""
    from openpyxl import Workbook  # it takes as long to import as the rest of a site's start

    book = Workbook(write_only=True)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            cells = (_plain(cell) for cell in row)
            sheet.append([cell[:LONGEST_CELL] if isinstance(cell, str) else cell for cell in cells])
    file: IO[bytes] = SpooledTemporaryFile(max_size=2_000_000)  # noqa: SIM115 - the answer closes it
    book.save(file)
    file.seek(0)
    return file
