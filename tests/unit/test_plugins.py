"""Plug-ins: installed ones are found, a wrong name is answered, two packages cannot share a name."""

import pytest

from lts.errors import PluginError
from lts.plugins import known, load, parameters


def install(folder, name, group, entries, code=""):
    """Lay a package into `folder` as an installer would."""
    (folder / f"{name}.py").write_text(code, encoding="utf-8")
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[{group}]\n" + "\n".join(entries) + "\n", encoding="utf-8")


def test_an_installed_plugin_is_found_and_loaded(tmp_path, monkeypatch):
    code = "class Rule:\n    fast: int = 5\n    name: str = 'x'\n    _hidden: int = 1\n"
    install(tmp_path, "third_party_rule", "lts.strategies", ["my_rule = third_party_rule:Rule"], code)
    monkeypatch.syspath_prepend(tmp_path)
    assert known("strategies")["my_rule"].dist.name == "third_party_rule"
    rule = load("strategies", "my_rule")
    assert {name: (p.type, p.default) for name, p in parameters(rule).items()} == {"fast": (int, 5), "name": (str, "x")}


def test_an_unknown_name_lists_the_known_ones_with_the_nearest():
    with pytest.raises(
        PluginError, match=r"'backtrader_simulaton_broker'.*known are .*Did you mean 'backtrader_simulation_broker'"
    ):
        load("brokers", "backtrader_simulaton_broker")


def test_an_unknown_kind_is_answered_with_the_nearest():
    with pytest.raises(PluginError, match="'broker'.*Did you mean 'brokers'"):
        known("broker")


def test_two_packages_cannot_claim_one_name(tmp_path, monkeypatch):
    for name in ("claim_one", "claim_two"):
        install(tmp_path, name, "lts.brokers", [f"same_name = {name}:Broker"])
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PluginError, match="'same_name'.*claim_one:Broker.*claim_two:Broker"):
        known("brokers")


@pytest.mark.parametrize(
    ("code", "found"),
    [("import no_such_module_here", "ModuleNotFoundError"), ("Broker = 3", "was 3; it must be a class"), ("", "AttributeError")],
)
def test_a_broken_plugin_says_what_is_broken(tmp_path, monkeypatch, code, found):
    name = f"broken_{abs(hash(code))}"
    install(tmp_path, name, "lts.brokers", [f"broken = {name}:Broker"], code)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PluginError, match=f"'broken'.*{found}"):
        load("brokers", "broken")


def test_the_seeds_names_are_registered():
    assert "default_strategy" in known("strategies")
    assert "backtrader_simulation_broker" in known("brokers")
