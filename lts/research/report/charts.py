"""Figures as inline SVG: small, the same bytes each time, readable in the dark, nothing fetched."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from io import StringIO
from typing import TYPE_CHECKING, Any, TypeAlias

from markupsafe import Markup
from matplotlib import rc_context

from lts.research.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Edit: TypeAlias = Callable[[str], str]

# Text stays text: it can be read aloud, found and copied. Where DejaVu is missing, Verdana is as wide.
FORMAT: Any = {"svg.fonttype": "none", "svg.hashsalt": "lts", "path.simplify": True, "path.simplify_threshold": 0.25}
NAMES = {
    style.INK: "ink", style.QUIET: "quiet", style.GREY: "grey", style.LINE: "line", style.PAPER: "paper", style.BLUE: "blue",
    style.RED: "red", style.ORANGE: "orange", style.GREEN: "green", style.PURPLE: "purple", style.SKY: "sky",
}  # fmt: skip
_USE = re.compile(r'<use xlink:href="(#[^"]+)" x="([^"]+)" y="([^"]+)" style="([^"]*)"/>')


def inline(figure: Figure, name: str, says: str) -> Markup:
    """Return a figure as an `<svg>` element for an HTML page.

    Parameters
    ----------
    name : str
        Put before every id, so that two figures on a page cannot clash.
    says : str
        What the picture shows, for those who do not see it.
    """
    file = StringIO()
    with rc_context(FORMAT):
        figure.savefig(file, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = file.getvalue()
    body = text[text.index(">", text.index("<svg")) + 1 :]
    for edit in (_bare, _dots, _rounded, _coloured, _own_ids(name), _classed(name), _unwrapped):
        body = edit(body)
    width, height = (72 * inches for inches in figure.get_size_inches())
    head = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(f"{width:g}", f"{height:g}", says)
    return head + Markup(body.strip())  # noqa: S704  (matplotlib escapes the text it writes)


def _bare(body: str) -> str:
    """Leave out what a page needs no second time: comments, metadata, a style for everything, blank space."""
    body = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>", "", body, flags=re.DOTALL)
    return re.sub(r">\s+<", "><", body)


def _dots(body: str) -> str:
    """Say the look of a run of equal markers once."""

    def grouped(run: re.Match[str]) -> str:
        look = _USE.match(run[0])
        places = "".join(f'<use xlink:href="{m[1]}" x="{m[2]}" y="{m[3]}"/>' for m in _USE.finditer(run[0]))
        return f'<g style="{look[4]}">{places}</g>' if look else run[0]

    dot = r'<use xlink:href="{}" x="[^"]+" y="[^"]+" style="{}"/>'
    same = dot.format('(#[^"]+)', '([^"]*)') + "(?:" + dot.format(r"\1", r"\2") + ")+"
    return re.sub(same, grouped, body)


def _rounded(body: str) -> str:
    """Keep a tenth of a point: a page shows no more; write curves as steps from point to point, which takes half the room."""
    body = re.sub(r' d="([^"]*)"', lambda m: f' d="{_steps(m[1])}"', body)
    return _in_tags(body, lambda tag: re.sub(r"-?\d+\.\d{2,}", lambda m: _tenths(round(10 * float(m[0]))), tag))


def _in_tags(body: str, edit: Edit) -> str:
    """Edit what stands between < and >: the texts of a figure are nobody's to change."""
    return re.sub(r"<[^>]*>", lambda m: edit(m[0]), body)


def _steps(path: str) -> str:
    """Return a path of straight lines in relative coordinates, in whole tenths so that no error adds up; others as they are."""
    words = path.split()
    if not set(words[::3]) <= {"M", "L", "z"} or any(word in "CQ" for word in words):
        return " ".join(words)
    steps: list[tuple[str, int, int]] = []
    x = y = i = 0
    while i < len(words):
        if words[i] == "z":
            steps.append(("z", 0, 0))
            i += 1
            continue
        to_x, to_y = round(10 * float(words[i + 1])), round(10 * float(words[i + 2]))
        if words[i] == "M":
            steps.append(("M", to_x, to_y))
        else:
            _append(steps, to_x - x, to_y - y)
        x, y, i = to_x, to_y, i + 3
    return "".join(name if name == "z" else f"{name}{_tenths(a)} {_tenths(b)}" for name, a, b in steps)


def _append(steps: list[tuple[str, int, int]], dx: int, dy: int) -> None:
    """Add a step; one that goes on straight up, down or across joins the last, none at all is left out."""
    name, a, b = steps[-1]
    if name == "l" and ((dx == a == 0 and dy * b >= 0) or (dy == b == 0 and dx * a >= 0)):
        steps[-1] = ("l", a + dx, b + dy)
    elif (dx, dy) != (0, 0) or name == "M":
        steps.append(("l", dx, dy))


def _tenths(value: int) -> str:
    """Return a tenth of a whole number as SVG takes it."""
    whole, part = divmod(abs(value), 10)
    text = f"{whole or '' if part else whole}" + (f".{part}" if part else "")
    return "-" + text if value < 0 else text


def _unwrapped(body: str) -> str:
    """Leave out groups that say nothing, and turns by no angle."""
    body = re.sub(r' transform="rotate\(-?0 [^"]*"', "", body).replace("<g/>", "")
    kept, open_groups = [], []
    for part in re.split(r"(<g[^>]*>|</g>)", body):
        if part == "<g>":
            open_groups.append(False)
        elif part == "</g>":
            kept.append(part if open_groups.pop() else "")
        else:
            open_groups += [True] if part.startswith("<g") else []
            kept.append(part)
    return "".join(kept)


def _coloured(body: str) -> str:
    """Take colours and font from the page, which has others in the dark and on paper."""

    def coloured(tag: str) -> str:
        for colour, name in NAMES.items():
            tag = tag.replace(colour.lower(), f"var(--{name})")
        return tag.replace(f"; font-family: '{style.FONT}'", "")

    return _in_tags(body, coloured)


def _classed(name: str) -> Edit:
    """Return what says each look that occurs more than once in a style sheet, under a name that no other figure uses."""

    def classed(body: str) -> str:
        looks = Counter(re.findall(r' style="([^"]*)"', body))
        known = {look: f"{name}-{i}" for i, look in enumerate(look for look, count in looks.items() if count > 1)}
        body = re.sub(r' style="([^"]*)"', lambda m: f' class="{known[m[1]]}"' if m[1] in known else m[0], body)
        rules = "".join(f".{short}{{{look.replace('; ', ';').replace(': ', ':')}}}" for look, short in known.items())
        return f"<style>{rules}</style>{body}"

    return classed


def _own_ids(name: str) -> Edit:
    """Return what keeps only the ids that are referred to, each with the figure's name before it."""

    def owned(body: str) -> str:
        wanted = set(re.findall(r'(?:href="#|url\(#)([^")]+)', body))
        body = re.sub(r' id="([^"]*)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in wanted else "", body)
        return re.sub(r'(xlink:href="#|url\(#)', lambda m: m[1].removeprefix("xlink:") + f"{name}-", body)

    return owned
