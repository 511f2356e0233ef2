"""The market compiled beside a loop: started where it saves time, never in the way."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from lts.sim import loop


@pytest.fixture
def started(monkeypatch, tmp_path):
    """A process with two cores that has no market yet; what it starts is listed instead."""
    commands = []
    monkeypatch.setenv("LTS_CACHE", str(tmp_path))
    monkeypatch.setattr(loop, "market", SimpleNamespace(cache_info=lambda: SimpleNamespace(currsize=0)))
    monkeypatch.setattr(loop, "_cores", lambda: 2)
    monkeypatch.setattr(loop, "_ahead", [])
    monkeypatch.setattr(loop, "interpreted", lambda: False)
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: commands.append(command) or "started")
    return commands


def test_it_is_started_once_where_nothing_is_kept(started):
    loop.market_ahead()
    loop.market_ahead()
    assert len(started) == 1
    assert started[0][0] == sys.executable
    assert loop._ahead == ["started"]


def test_it_is_not_started_where_the_market_is_kept(started):
    loop.cache_folder().mkdir(parents=True)
    loop._compiled_mark().touch()
    loop.market_ahead()
    assert started == []


def test_a_frozen_application_does_not_start_itself(started, monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    loop.market_ahead()
    assert started == []


@pytest.mark.usefixtures("started")
def test_a_process_that_cannot_be_started_is_done_without(monkeypatch):
    def refuse(*_, **__):
        raise OSError("no more processes")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    loop.market_ahead()
    assert loop._ahead == []


def test_the_market_waits_for_it(monkeypatch):
    waits = []
    monkeypatch.setattr(loop, "_ahead", [SimpleNamespace(wait=lambda: waits.append(1))])
    loop.market.__wrapped__()
    assert waits == [1]
    assert loop._ahead == []
    assert loop._compiled_mark().exists()
