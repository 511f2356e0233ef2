"""The house's own rules: floors, sizes, words about what is public, nothing of the machine it was built on."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

import lts

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "lts").rglob("*.py"))
FILE_LINES, FUNCTION_LINES = 400, 60
# Longer because they read like the page they implement; at most three, each with its reason.
LONG_FUNCTIONS: dict[str, str] = {}
HEAVY = (
    "numba",
    "pandas",
    "polars",
    "duckdb",
    "pyarrow",
    "matplotlib",
    "pydantic",
    "typer",
    "fastapi",
    "sqlalchemy",
    "httpx",
    "httpx2",
)

by_file = pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path):
    return [node for node in ast.walk(tree(path)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def test_imports_go_down_only(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    code = lint_imports(config_filename="pyproject.toml", no_cache=True)
    assert code == 0, capsys.readouterr().out


def lines(function):
    """Count a function's lines without its docstring: what must be held in the head at once."""
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    return function.end_lineno - function.lineno + 1 - (first.end_lineno - first.lineno + 1 if documented else 0)


@by_file
def test_a_file_fits_in_the_head(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES


@by_file
def test_a_function_fits_on_a_screen(path):
    sizes = {f"{path.stem}.{f.name}": lines(f) for f in functions(path)}
    assert {name: size for name, size in sizes.items() if size > FUNCTION_LINES and name not in LONG_FUNCTIONS} == {}


def test_at_most_three_functions_may_be_long():
    assert len(LONG_FUNCTIONS) <= 3
    names = {f"{path.stem}.{f.name}" for path in SOURCES for f in functions(path)}
    assert set(LONG_FUNCTIONS) <= names


@by_file
def test_what_is_public_says_what_it_is(path):
    module = tree(path)
    public = [
        node
        for scope in (module, *(n for n in module.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")))
        for node in scope.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_") and not is_overload(node)
    ]
    assert ast.get_docstring(module), "the module has no docstring"
    assert [node.name for node in public if not ast.get_docstring(node)] == []


def is_overload(node):
    return any("overload" in ast.unparse(d) or ".setter" in ast.unparse(d) for d in node.decorator_list)


@pytest.mark.parametrize("path", [p for p in SOURCES if p.parent.name != "cli"], ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_command_line_prints(path):
    calls = [node.lineno for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"]
    assert calls == []


def committed_texts():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607  (git is where the developer has it)
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("no git repository here: nothing says which files are committed")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".parquet", ".png", ".gz"}:
            yield name, path.read_text(encoding="utf-8")


def test_no_committed_file_names_a_machine_or_a_package_host():
    machine = re.compile(r"(?<![\w.<>}\"'])/(?:home|root|work|opt|Users|private)/\w")
    host = re.compile(r"https?://[\w.-]*(?:pypi|pythonhosted|npmjs|yarnpkg|registry|mirror)", re.IGNORECASE)
    found = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in committed_texts()
        for number, line in enumerate(text.splitlines(), 1)
        if machine.search(line) or host.search(line)
    ]
    assert found == []


def test_import_lts_loads_nothing_heavy():
    code = f"import sys, lts; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_type_checkers_see_the_same_names():
    block = next(n for n in tree(ROOT / "lts" / "__init__.py").body if isinstance(n, ast.If))
    seen = {alias.asname for node in block.body for alias in node.names}
    assert seen | {"__version__"} == set(lts.__all__)


@pytest.mark.parametrize("name", lts.__all__)
def test_every_public_name_is_there(name):
    assert getattr(lts, name) is not None


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(AttributeError, match="no name 'read_bar'.*'read_bars'"):
        _ = lts.read_bar


def test_dir_lists_the_public_names():
    assert dir(lts) == sorted(lts.__all__)


def pins(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9_.-]+)(?:\[[\w,-]+\])?==([^\s;]+)", text, re.MULTILINE | re.IGNORECASE)), text


@pytest.mark.parametrize("name", ["constraints.txt", "requirements/demo.txt", "requirements/test.txt"])
def test_a_locked_list_carries_hashes_and_no_address(name):
    found, text = pins(name)
    assert len(found) > 30
    assert "://" not in text
    blocks = re.split(r"^(?=\S+==)", text, flags=re.MULTILINE)[1:]
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_all_locked_lists_are_one_resolution():
    everything = pins("constraints.txt")[0]
    assert pins("requirements/demo.txt")[0] <= pins("requirements/test.txt")[0] <= everything


def test_every_declared_package_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    normal = lambda text: re.match(r"[\w.-]+", text)[0].lower().replace("_", "-")  # noqa: E731
    for name, wanted in {
        "requirements/demo.txt": project["dependencies"] + extras["samples"] + extras["build"],
        "requirements/test.txt": project["dependencies"] + extras["dev"],
        "constraints.txt": project["dependencies"] + [line for lines in extras.values() for line in lines],
    }.items():
        locked = {normal(package) for package, _ in pins(name)[0]}
        assert {normal(line) for line in wanted} - {"lts"} <= locked, name
