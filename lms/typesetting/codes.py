"""QR codes as drawings, to be set in a document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def qr_code(address: str) -> str:
    """The QR code of an address as an SVG: dark squares on nothing, one unit a module, a quiet zone of four modules."""
    import segno

    matrix: Sequence[Sequence[int]] = segno.make(address, micro=False, error="m").matrix
    size = len(matrix) + 8
    runs = "".join(
        f"M{start + 4} {row + 4}h{length}v1h-{length}z"
        for row, modules in enumerate(matrix)
        for start, length in _dark_runs(modules)
    )
    path = f'<path fill="#1a2145" d="{runs}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">{path}</svg>'


def _dark_runs(modules: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Where a run of dark modules starts, and how many there are."""
    start = None
    for place, dark in enumerate([*modules, 0]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            yield start, place - start
            start = None
