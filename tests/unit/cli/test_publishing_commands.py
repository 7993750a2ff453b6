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
    told = " ".join(capsys.readouterr().out.split())
    newest, oldest = told.split("run-1")
    assert "run-2 all recordings: 800/3600 → 800/3600 ● ivr: 160/400 → 800/3600 ●" in newest
    assert "automatic: a test" in newest
    assert "all recordings: 800/3600 ivr: 160/400 support: 800/3600 ●" in oldest


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


def test_a_run_is_put_in_force_by_the_beginning_of_its_id(folder, capsys):
    folder.publish({"ivr": QUICK_MS}, run_id="aaaa1111-first")
    folder.calibrate({"ivr": SLOW_MS}, "bbbb2222-second")
    assert run(["publish", "bbbb2222", "--reason", "heard ten calls"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "In force for default: the run bbbb2222-second",
        "  all recordings: 160/400 ms for u3-rt-pro → 800/3600 ms for u3-rt-pro",
        "  group ivr: 160/400 ms for u3-rt-pro → 800/3600 ms for u3-rt-pro",
    ]
    assert folder.runs == {"*": "bbbb2222-second", "ivr": "bbbb2222-second"}
    assert run(["history", "--json"]) == 0
    newest = json.loads(capsys.readouterr().out)["publications"][0]
    assert (newest["by"], newest["reason"]) == ("approved", "heard ten calls")
    of_all = newest["settings"][0]
    assert (of_all["group"], of_all["run_id"]) == ("*", "bbbb2222-second")
    assert of_all["before"]["max_turn_silence_ms"] == 400
    assert of_all["after"]["max_turn_silence_ms"] == 3_600


@pytest.mark.parametrize("command", ["publish", "rollback"])
def test_a_beginning_that_several_runs_have_is_refused_with_their_names(folder, capsys, command):
    folder.publish({"ivr": QUICK_MS}, run_id="aaaa1111")
    folder.publish({"ivr": SLOW_MS}, run_id="aaaa2222")
    assert run([command, "aaaa"]) == 2
    assert "several runs begin with aaaa: aaaa1111, aaaa2222" in capsys.readouterr().err


def test_a_run_that_rests_on_nothing_is_not_put_in_force(folder, capsys):
    folder.calibrate({"ivr": None})
    assert run(["publish", "run-1"]) == 2
    assert "nothing was analysed in the run run-1" in capsys.readouterr().err


def test_to_be_asked_there_must_be_somebody_to_ask(folder, capsys, tmp_path):
    assert run(["calibrate", str(tmp_path), "--publish", "ask"]) == 2
    assert "--publish ask needs a terminal to ask in" in capsys.readouterr().err


def test_a_scope_that_does_not_exist_is_named_with_those_that_do(folder, capsys):
    folder.publish({"ivr": QUICK_MS})
    for command in (["history"], ["rollback"], ["export", "--for", "livekit"]):
        assert run([*command, "--scope", "sales"]) == 2
        assert "sales: there is no such scope; name one of: default" in capsys.readouterr().err
