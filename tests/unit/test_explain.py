"""Definitions: one for every id, one id for every definition, and they read well."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import lts
from lts.errors import ParameterError
from lts.research.explain import CONVENTIONS, DEFINITIONS, GROUPS, Definition, explain, groups
from lts.research.stats import statistics
from tests.bent import with_profits

EVERY = [definition for table in CONVENTIONS.values() for definition in table.values()]


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_every_id_has_a_definition_and_every_definition_an_id(convention):
    found = statistics(with_profits(10, -5, 20), convention)[0]
    assert list(found.index) == list(CONVENTIONS[convention])
    assert [id_ for ids in groups(convention).values() for id_ in ids] == list(CONVENTIONS[convention])
    assert all(definition.id == id_ and definition.convention == convention for id_, definition in CONVENTIONS[convention].items())


@pytest.mark.parametrize("definition", EVERY, ids=lambda definition: f"{definition.convention}.{definition.id}")
def test_a_definition_says_what_it_must(definition):
    for name in ("meaning", "unit", "formula", "sampling", "group"):
        assert getattr(definition, name).strip(), name
    assert " | " not in " ".join(definition)
    assert max(map(len, str(definition).splitlines())) <= 100
    assert json.loads(json.dumps(definition._asdict())) == definition._asdict()


def test_what_others_have_defined_names_them():
    own = {"max_drawdown_money", "trades", "win_rate"}
    for id_ in ("sharpe", "sortino", "omega", "psr", "cvar95", "ulcer_index", "k_ratio", "kelly", "sqn", "runs_z", "sharpe_low95"):
        assert DEFINITIONS[id_].source, id_
    assert all(not DEFINITIONS[id_].source for id_ in own)
    assert all(definition.source for convention in ("empyrical", "mt5") for definition in CONVENTIONS[convention].values())


def test_the_groups_of_a_report():
    assert list(GROUPS) == ["money", "period", "ratios", "evidence", "drawdown", "risk", "trades", "cost", "fx", "assumptions"]
    assert "sharpe" in GROUPS["ratios"]
    assert groups("lts") == GROUPS


def test_it_prints_as_a_terminal_shows_it():
    assert str(lts.explain("trades")) == (
        "trades: closed trades; a part closed on its own counts as one\n"
        "  unit       count\n"
        "  formula    rows of result.trades\n"
        "  sampling   every closed trade, after all its costs; a part closed on its own counts as one; a\n"
        "             profit of 0 is neither won nor lost\n"
        "  group      trades\n"
        "  convention lts"
    )


def test_an_id_is_looked_for_in_lts_first_then_elsewhere():
    assert explain("max_drawdown").convention == "lts"
    assert explain("max_drawdown", "empyrical").unit == "fraction, <= 0"
    assert explain("z_score").convention == "mt5"
    assert isinstance(explain("sharpe_ratio"), Definition)


def test_the_unknown_is_answered_with_the_nearest():
    with pytest.raises(ParameterError, match="'sharp': is no statistic.*Did you mean 'sharpe'"):
        explain("sharp")
    with pytest.raises(ParameterError, match="'sharpe': is no statistic.*Did you mean 'sharpe_ratio'"):
        explain("sharpe", "mt5")
    with pytest.raises(ParameterError, match="convention: was 'mt'; it must be one of lts, empyrical, mt5. Did you mean 'mt5'"):
        explain("sharpe", "mt")


def test_explaining_loads_neither_pandas_nor_numba():
    code = "import sys, lts; lts.explain('sharpe'); print([m for m in ('pandas', 'numba', 'scipy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
