"""A whole calibration with recordings and data in S3, and the ledger in a database."""

import json

import pytest

from fermata.cli.main import run
from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner, StartServer
from tests.scaling.places import SharedPlace
from tests.scaling.s3_server import BUCKET, S3Server

Capture = pytest.CaptureFixture[str]

pytestmark = pytest.mark.timeout(300)


def test_recordings_data_and_settings_are_all_in_s3_and_tables_are_made_again_from_there(
    flows: FlowRunner, conversations: Conversations, serve: StartServer, place: SharedPlace
) -> None:
    ids = [conversations.add(f"ivr/call_{number}.wav") for number in range(3)]
    server = serve()
    flows.set(**place.settings)
    place.upload(conversations.folder)
    first = flows.calibrate(place.recordings)
    assert first.message == "3 of 3 analysed"
    assert set(first.groups) == {"ivr"}
    assert server.store.submissions == dict.fromkeys(ids, 1)
    place.assert_each_is_there_once(ids)
    latest = json.loads(place.storage.read("calibrations/latest.json"))
    assert latest["overall"]["run_id"] == str(first.run_id)
    assert first.result.written["settings"] == f"{place.data}/calibrations/latest.json"
    again = flows.nightly(place.recordings)
    assert again.message == "nothing new: 3 found, 0 new, 3 known"
    assert server.store.submissions == dict.fromkeys(ids, 1)
    # The tables are computed again from the transcripts.
    for path in (*place.files("gaps"), *place.files("recordings")):
        place.storage.remove(path)
    before = server.store.requests.total()
    reprocessed = flows.reprocess()
    assert reprocessed.message == "3 of 3 analysed"
    place.assert_each_is_there_once(ids)
    assert server.store.requests.total() == before


def test_a_ledger_that_was_emptied_bills_nothing_again(
    flows: FlowRunner, conversations: Conversations, serve: StartServer, place: SharedPlace
) -> None:
    ids = conversations.add_many(2)
    server = serve()
    flows.set(**place.settings)
    place.upload(conversations.folder)
    first = flows.calibrate(place.recordings)
    for again in (lambda: flows.nightly(place.recordings), flows.reprocess):
        place.empty_ledger()
        run = again()
        assert run.message == "2 of 2 analysed"
        assert run.overall.statistics == first.overall.statistics
    assert server.store.submissions == dict.fromkeys(ids, 1)
    place.assert_each_is_there_once(ids)


@pytest.fixture
def set_up(
    place: SharedPlace, conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> FlowRunner:
    """Settings for S3, with one recording to calibrate on."""
    conversations.add("call.wav")
    serve()
    flows.set(**place.settings)
    return flows


def complaint_of(capsys: Capture, *arguments: object) -> str:
    """The one line that a command writes."""
    assert run([str(argument) for argument in arguments]) == 2
    (complaint,) = capsys.readouterr().err.splitlines()
    return str(complaint)


def test_a_bucket_that_does_not_exist_is_one_line_before_anything_is_billed(
    set_up: FlowRunner, conversations: Conversations, capsys: Capture
) -> None:
    set_up.set(FERMATA_DATA_DIR="s3://no-such-bucket/data")
    for command in (["calibrate", conversations.folder], ["stream", "--source", "call.wav"]):
        complaint = complaint_of(capsys, *command)
        assert "s3://no-such-bucket/data" in complaint
        assert "no such bucket" in complaint


def test_wrong_credentials_are_one_line_before_anything_is_billed(
    set_up: FlowRunner, conversations: Conversations, s3: S3Server, capsys: Capture
) -> None:
    set_up.set(AWS_ACCESS_KEY_ID="AKIAWRONG")
    with s3.asking_for_keys():
        for source in (conversations.folder, f"s3://{BUCKET}/recordings"):
            complaint = complaint_of(capsys, "calibrate", source)
            assert f"s3://{BUCKET}" in complaint
            assert "credentials" in complaint or "access" in complaint


def test_data_in_s3_need_a_ledger_in_a_database(
    set_up: FlowRunner, conversations: Conversations, capsys: Capture
) -> None:
    set_up.set(FERMATA_LEDGER_URL="")
    assert "FERMATA_LEDGER_URL is not set" in complaint_of(
        capsys, "calibrate", conversations.folder
    )


def test_a_call_is_forgotten_in_s3_and_in_the_ledger_in_a_database(
    flows: FlowRunner,
    conversations: Conversations,
    serve: StartServer,
    place: SharedPlace,
    capsys: Capture,
) -> None:
    conversations.add("ivr/unmistakable.wav")
    other = conversations.add("ivr/other.wav")
    server = serve()
    flows.set(**place.settings)
    place.upload(conversations.folder)
    flows.calibrate(place.recordings)
    # As where Prefect has a database server: to write this one's file anew would hold up all tests.
    flows.set(PREFECT_SERVER_DATABASE_DRIVER="postgresql+asyncpg")
    assert run(["forget", f"{place.recordings}/ivr/unmistakable.wav", "--yes"]) == 0
    assert "1 transcripts at their service" in capsys.readouterr().out
    place.assert_each_is_there_once([other])
    assert len(place.files("forgotten")) == 1
    (kept,) = place.files("transcripts")
    assert other in kept
    for lose in (lambda: None, place.empty_ledger):
        lose()
        flows.nightly(place.recordings)
        place.assert_each_is_there_once([other])
    assert server.store.submissions.total() == 2
