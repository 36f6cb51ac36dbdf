"""Pages that are compressed beforehand, in pieces."""

from __future__ import annotations

import gzip

from hypothesis import given
from hypothesis import strategies as st

from lms.web.caching import MOST_DEFLATED, SMALLEST_BYTES, Zipped

WORDS = st.text(st.sampled_from("<p> lantern/ü"), max_size=60).map(lambda text: text.encode() * 7)
GAP = st.lists(st.one_of(WORDS, st.just(b"a gap of many bytes " * SMALLEST_BYTES)), max_size=3)


@given(st.data(), st.lists(WORDS, min_size=1, max_size=5))
def test_whatever_is_put_between_pieces_is_read_where_it_was_put(data: st.DataObject, pieces: list[bytes]) -> None:
    zipped = Zipped(pieces)

    for _ in range(3):
        between = [data.draw(GAP) for _ in pieces[1:]]
        whole = b"".join(piece + b"".join(gap) for piece, gap in zip(pieces, [*between, []], strict=True))
        assert gzip.decompress(zipped.joined(between)) == whole


def test_its_size_grows_with_what_is_compressed_for_it_up_to_a_bound() -> None:
    zipped = Zipped([b"<p>" * 100, b"</p>" * 100])
    sizes = [zipped.size_bytes]
    for number in range(3 * MOST_DEFLATED):
        zipped.joined([[b"a gap of its own: %05d" % number]])
        sizes.append(zipped.size_bytes)

    assert sizes[0] == 700
    assert sizes[1] > 700
    assert max(sizes) < 1.1 * sizes[MOST_DEFLATED // 2] * 2


def test_a_gap_costs_little_more_than_itself() -> None:
    pieces = [
        b"<p>Words that come in every piece of a lesson, and are said once, number %d.</p>" % n for n in range(20)
    ]
    gaps = [[b"0123456789"]] * 19

    assert len(Zipped(pieces).joined(gaps)) < len(gzip.compress(b"0123456789".join(pieces), 5)) + 19 * 30
