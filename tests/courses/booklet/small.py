"""A small course with everything that Markdown can say, with texts that look like markup, half of it in Arabic."""

from __future__ import annotations

from typing import Any

from tests.factories.courses import with_worksheets

SCRIPT = '<script>alert(1)</script> & ]]> "quoted" {{ 7*7 }} #eval(1)'
ARABIC = "التجارة الإلكترونية"

FIRST = f"""
{SCRIPT} in a paragraph with `<b>code</b>`, *emphasis*, **strong** and [[parcel]] twice: [[parcel]].

See [this heading](#heading), [the next lesson](second), [its heading](second#heading), [the quiz](quiz),
[another module](../beta/first) and [what is outside](https://example.org/?a=1&b=2).\\
A new line.

## 2022 in figures {{#2022}}

::: fact F1
:::

::: fact F2
:::

::: changed
- **March 2022** {SCRIPT}
- **2026-11** now
:::

::: note
A note with a list:

- one
  - inside

3. three
4. four
:::

> A quotation.

    <code>

---

Table: Numbers & <i>signs</i>

| Year | Parcels | Shops |
|------|--------:|------:|
| 2022 |     132 |    12 |

Table: Words

| Kind | Who | What |
|------|-----|------|
| <b>one</b> | two | three |

Figure: A way

![A line, then "another" <one>.](way.svg)

### A heading {{#heading}}

Words.
"""
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 40"><text x="4" y="20">A &amp; B</text>'
    '<path d="M0 30h320" stroke="#000"/></svg>'
)


def hostile_course() -> dict[str, Any]:
    """The files of the package."""
    files = with_worksheets()
    course = files["course.yaml"]
    course["languages"] = ["en", "ar"]
    course["title"]["ar"] = ARABIC
    course["parts"][0]["modules"][0]["title"] = {"en": SCRIPT, "ar": f"{ARABIC} {SCRIPT}"}
    files["glossary.yaml"] = {"parcel": {"term": {"en": "parcel"}, "definition": {"en": f"A *thing* {SCRIPT}"}}}
    files["facts.yaml"] = {
        name: {
            "text": {"en": f"Fact {name} is **true**."},
            "source": f"{SCRIPT} {name}",
            "publisher": "Nobody & sons",
            "year": "2022",
            "as_of": "2022-03-25",
            "url": "https://example.org/a|b?c=[d]",
            "grade": "A",
            "read": True,
        }
        for name in ("F1", "F2")
    }
    files["alpha/module.yaml"]["faq"] = [{"question": {"en": SCRIPT}, "answer": {"en": f"{SCRIPT} **yes**"}}]
    files["alpha/module.yaml"]["worksheet"] = {"en": f"## Your parcel\n\n{SCRIPT}\n"}
    files["alpha/way.svg"] = SVG
    files["alpha/first.en.md"] = files["alpha/first.en.md"].split("---\n", 2)[1].join(["---\n", "---\n"]) + FIRST
    files["alpha/first.en.md"] += "".join(
        f"\n::: check {one['id']}\n:::\n" for one in files["alpha/checks.yaml"]["questions"]
    )
    head = f"---\ntitle: {ARABIC}\nminutes: 5\nlead: {ARABIC}.\nobjectives: [o1]\n---\n"
    files["alpha/second.ar.md"] = (
        f"{head}{ARABIC} `a + b`.\n\n::: fact F1\n:::\n\n## {ARABIC} {{#heading}}\n\n{ARABIC}.\n"
    )
    return files
