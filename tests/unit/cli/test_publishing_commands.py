"""`fermata history` and `fermata rollback`, on a data folder with published runs."""

import json

import pytest

from fermata.cli.main import run
from tests.flows.running import forget_wiring
from tests.unit.calibration.publishing_folder import QUICK_MS, SLOW_MS, Folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    from config.settings import Settings

    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.setenv("FERMATA_DATA_DIR", str(tmp_path))
    forget_wiring()
    yield Folder(tmp_path)
    forget_wiring()


def test_the_history_shows_newest_first_what_is_in_force(folder, capsys):
    folder.publish({"ivr": QUICK_MS, "support": SLOW_MS})
    folder.publish({"ivr": SLOW_MS})
    assert run(["history"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "run-" in line]
    assert "run-2" in lines[0]
    assert "all recordings ●, ivr ●" in lines[0]
    assert "run-1" in lines[1]
    assert "all recordings, ivr, support ●" in lines[1]


def test_the_history_of_an_empty_folder_says_how_to_begin(folder, capsys):
    assert run(["history"]) == 0
    assert "fermata calibrate RECORDINGS" in capsys.readouterr().out


def test_the_history_as_json_is_one_object(folder, capsys):
    folder.publish({"ivr": QUICK_MS})
    assert run(["history", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["in_force"] == {"*": "run-1", "ivr": "run-1"}
    (only,) = told["publications"]
    assert (only["by"], only["runs"]) == ("automatic", {"*": "run-1", "ivr": "run-1"})


def test_a_roll_back_says_what_changed(folder, capsys):
    folder.publish({"ivr": QUICK_MS})
    folder.publish({"ivr": SLOW_MS})
    assert run(["rollback", "--group", "ivr", "--reason", "callers complain"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "ivr: back to the run run-1",
        "  group ivr: 800/3600 ms for u3-rt-pro → 160/400 ms for u3-rt-pro",
    ]
    assert folder.runs == {"*": "run-2", "ivr": "run-1"}


def test_a_roll_back_to_what_is_in_force_says_so(folder, capsys):
    folder.publish({"ivr": QUICK_MS})
    assert run(["rollback", "run-1"]) == 0
    assert "in force" in capsys.readouterr().out


def test_a_roll_back_that_cannot_be_is_wrong_use(folder, capsys):
    folder.publish({"ivr": QUICK_MS})
    assert run(["rollback", "run-9"]) == 2
    assert "run-9 was never published" in capsys.readouterr().err
