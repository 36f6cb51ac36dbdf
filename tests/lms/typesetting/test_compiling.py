"""Typst with the fonts here: input is never source, missing glyphs are told, the same input gives the same bytes."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from lms.typesetting import TypesettingError, compile_pdf, missing_glyphs, typesetter
from lms.typesetting.compiling import FONTS

MOMENT = datetime(2026, 11, 22, tzinfo=UTC)


def printed(text: str) -> str:
    pdf = compile_pdf("glyphs", {"text": text}, timestamp=MOMENT)
    return PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


@pytest.mark.parametrize(
    "text",
    ["{{7*7}}", r"\input{/etc/passwd}", '#eval("1+1")', "*bold* _it_ $x^2$ `raw`", '"]; #panic() //', "<label> @ref",
     "https://example.org --- ... ~"],
)  # fmt: skip
def test_markup_is_printed_as_it_is_written(text):
    assert text in printed(text)


@pytest.mark.parametrize(
    "text",
    ["Ñandú Ọmọ́ Đặng Þórr", "Πέτρος Αΐδας", "Щукинаґ Әлия Ӯғлӣ", "نور الهدى پژمان ٹیپو", "نور\u200cیا", "李𠮷龘㛃䶮𬭚",
     "漢字 とうきょう カナ", "O’Brien-d’Arc № 5 – (“x”)"],
    ids=["Latin", "Greek", "Cyrillic", "Arabic", "a joiner", "Chinese", "other Han and kana", "signs"],
)  # fmt: skip
def test_nothing_is_missing_in_the_scripts_that_the_fonts_cover(text):
    assert missing_glyphs(text) == ()


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Ana \U00010600", ("\U00010600",)),
        ("\U00017000 Li \U0001f600 \U00017000", ("\U00017000", "\U0001f600")),
        ("ကို", ("က", "\u102d", "\u102f")),
        ("Ana\x07", ("\x07",)),
        ("\ud800Ana", ("\ud800",)),
        ("Ana \ue000", ("\ue000",)),
    ],
    ids=["Linear A", "Tangut and emoji, each once", "Burmese", "control", "lone surrogate", "private use"],
)
def test_missing_characters_are_named_in_their_order(text, missing):
    assert missing_glyphs(text) == missing


def test_a_missing_glyph_is_refused_by_the_compiler_too():
    with pytest.raises(TypesettingError, match="could not be displayed"):
        compile_pdf("glyphs", {"text": "\U00010600"}, timestamp=MOMENT)


def test_the_same_input_and_moment_give_the_same_bytes_in_a_new_process():
    before = compile_pdf("glyphs", {"text": "Ana نور 李"}, timestamp=MOMENT)
    first = typesetter._running()
    first.kill()
    first.wait()

    assert compile_pdf("glyphs", {"text": "Ana نور 李"}, timestamp=MOMENT) == before
    assert compile_pdf("glyphs", {"text": "Ana نور 李"}, timestamp=MOMENT + timedelta(seconds=1)) != before


def test_a_process_that_is_killed_while_it_sets_is_told_and_not_tried_again():
    compile_pdf("glyphs", {"text": "Ana"}, timestamp=MOMENT)
    working = typesetter._running()
    working.send_signal(signal.SIGSTOP)
    threading.Timer(0.2, working.kill).start()

    with pytest.raises(TypesettingError, match="killed by signal 9"):
        compile_pdf("glyphs", {"text": "Ana"}, timestamp=MOMENT)

    assert compile_pdf("glyphs", {"text": "Ana"}, timestamp=MOMENT)
    assert typesetter._running().pid != working.pid


def test_the_process_that_has_typst_is_the_first_to_be_killed_where_memory_runs_out():
    compile_pdf("glyphs", {"text": "Ana"}, timestamp=MOMENT)

    assert Path(f"/proc/{typesetter._running().pid}/oom_score_adj").read_text() == "1000\n"


@pytest.mark.parametrize("name", ["../fonts/x", "/etc/passwd", "glyphs.typ", "", "Glyphs", "a\nb"])
def test_a_template_is_a_name_and_never_a_path(name):
    with pytest.raises(ValueError, match="not the name of a template"):
        compile_pdf(name, {}, timestamp=MOMENT)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        compile_pdf("glyphs", {"text": "x"}, timestamp=MOMENT.replace(tzinfo=None))


def test_the_process_that_has_typst_ends_when_nobody_asks_it():
    command = "from lms.typesetting import typesetter; typesetter.IDLE_SECONDS = 0.1; typesetter.main()"
    with subprocess.Popen([sys.executable, "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        question = {"template": "glyphs", "inputs": {"text": "Ana"}, "timestamp": MOMENT.timestamp()}

        answer, pdf = typesetter._talk(process, json.dumps(question).encode() + b"\n")

        assert (answer["bytes"], pdf[:5]) == (len(pdf), b"%PDF-")
        assert process.wait(30) == 0  # its input is open all the while


def test_the_process_that_has_typst_ends_with_who_started_it():
    command = "from lms.typesetting import compile_pdf, typesetter, missing_glyphs; missing_glyphs('Ana')"
    command += "; print(typesetter._running().pid)"

    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, timeout=60)

    end = time.monotonic() + 5
    while Path(f"/proc/{done.stdout.strip()}").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_only_the_fonts_of_this_folder_are_used():
    from typst import Fonts

    ours = Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])

    assert {Path(font.path).parent for font in ours.fonts()} == {FONTS}
    assert len(ours.fonts()) == len([*FONTS.glob("*.ttf"), *FONTS.glob("*.otf")])


def test_each_font_is_told_in_the_readme_and_comes_with_its_licence():
    readme = (FONTS / "README.md").read_text(encoding="utf-8")

    assert [font.name for font in FONTS.glob("*.[ot]tf") if font.name not in readme] == []
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONTS / "OFL.txt").read_text(encoding="utf-8")


def test_typst_is_imported_only_when_something_is_set():
    code = "import sys, lms.typesetting, lms.certificates.design; print({'typst', 'segno'} & set(sys.modules))"

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout == "set()\n"
