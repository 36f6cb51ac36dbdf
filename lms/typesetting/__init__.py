"""Typesetting: one template and its input become a PDF, by Typst and the fonts that travel with Lantern.

``compile_pdf`` sets a template of ``templates/``; ``missing_glyphs`` tells beforehand what no font here can print.
Both ask a process that has Typst (`typesetter`); `compiling` is what it does. ``qr_code`` draws the code of an address;
``pack`` makes a large document smaller.
"""

from lms.typesetting.codes import qr_code
from lms.typesetting.compiling import Json, TypesettingError
from lms.typesetting.packing import pack
from lms.typesetting.typesetter import compile_pdf, missing_glyphs

__all__ = ["Json", "TypesettingError", "compile_pdf", "missing_glyphs", "pack", "qr_code"]
