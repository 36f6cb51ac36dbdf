"""XML and XHTML from values: a tree in which text is always text, written so that every reader can parse it.

Names stand in the tree as they are written (``epub:type``); the root says which namespaces they are of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias
from xml.etree.ElementTree import Element, tostring

Content: TypeAlias = "Element | str | Iterable[Content] | None"
"""What stands in an element: elements, text, or several of both; None is nothing."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(tag: str, attributes: Mapping[str, str] | None = None, /, *content: Content) -> Element:
    """Make an element; an attribute with an empty value is left out, but for ``alt``, where it says something."""
    made = Element(tag, {name: value for name, value in (attributes or {}).items() if value or name == "alt"})
    put(made, *content)
    return made


def put(holder: Element, *content: Content) -> None:
    """Add ``content`` to the end of what ``holder`` has."""
    for one in content:
        if isinstance(one, Element):
            holder.append(one)
        elif isinstance(one, str):
            if len(holder):
                holder[-1].tail = (holder[-1].tail or "") + one
            else:
                holder.text = (holder.text or "") + one
        elif one is not None:
            put(holder, *one)


def written(root: Element, *, doctype: str = "") -> bytes:
    """The tree as a file. A character that XML does not have becomes the replacement character."""
    xml = _NOT_XML.sub("\ufffd", tostring(root, encoding="unicode"))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{doctype}{xml}\n'.encode()
