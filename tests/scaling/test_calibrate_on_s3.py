"""A whole calibration with recordings and data in S3, and the ledger in a database."""

import json

import pytest

from tests.e2e.command_line import CommandLine
from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner, StartServer
from tests.scaling.places import SharedPlace
from tests.scaling.s3_server import BUCKET, S3Server

pytestmark = pytest.mark.timeout(300)


def test_recordings_data_and_settings_are_all_in_s3(
    flows: FlowRunner, conversations: Conversations, serve: StartServer, place: SharedPlace
) -> None:
    ids = [conversations.add(f"ivr/call_{number}.wav") for number in range(3)]
    server = serve()
    flows.set(**place.settings)
    place.upload(conversations.folder)
    run = flows.calibrate(place.recordings)
    assert run.message == "3 of 3 analysed"
    assert set(run.groups) == {"ivr"}
    assert server.store.submissions == dict.fromkeys(ids, 1)
    place.assert_each_is_there_once(ids)
    latest = json.loads(place.storage.read("calibrations/latest.json"))
    assert latest["overall"]["run_id"] == str(run.run_id)
    assert run.result.written["settings"] == f"{place.data}/calibrations/latest.json"
    again = flows.nightly(place.recordings)
    assert again.message == "nothing new: 3 found, 0 new, 3 known"
    assert server.store.submissions == dict.fromkeys(ids, 1)


def test_tables_are_computed_again_from_transcripts_in_s3(
    flows: FlowRunner, conversations: Conversations, serve: StartServer, place: SharedPlace
) -> None:
    ids = conversations.add_many(2)
    server = serve()
    flows.set(**place.settings)
    place.upload(conversations.folder)
    flows.calibrate(place.recordings)
    for path in (*place.files("gaps"), *place.files("recordings")):
        place.storage.remove(path)
    before = server.store.requests.total()
    run = flows.reprocess()
    assert run.message == "2 of 2 analysed"
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
def fermata(
    place: SharedPlace, conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> CommandLine:
    """The command, set up for S3, with one recording to calibrate on."""
    conversations.add("call.wav")
    command = CommandLine(flows.data_dir.parent / "elsewhere", **place.settings)
    command.use(serve())
    return command


def test_a_bucket_that_does_not_exist_is_one_line_before_anything_is_billed(
    fermata: CommandLine, conversations: Conversations
) -> None:
    fermata.set(FERMATA_DATA_DIR="s3://no-such-bucket/data")
    for command in (["calibrate", conversations.folder], ["stream", "--source", "call.wav"]):
        ended = fermata.run(*command)
        assert ended.code == 2, ended.stderr
        (complaint,) = ended.stderr.splitlines()
        assert "s3://no-such-bucket/data" in complaint
        assert "no such bucket" in complaint


def test_wrong_credentials_are_one_line_before_anything_is_billed(
    fermata: CommandLine, conversations: Conversations, s3: S3Server
) -> None:
    fermata.set(AWS_ACCESS_KEY_ID="AKIAWRONG")
    with s3.asking_for_keys():
        for source in (conversations.folder, f"s3://{BUCKET}/recordings"):
            ended = fermata.run("calibrate", source)
            assert ended.code == 2, ended.stderr
            (complaint,) = ended.stderr.splitlines()
            assert f"s3://{BUCKET}" in complaint
            assert "credentials" in complaint or "access" in complaint


def test_data_in_s3_need_a_ledger_in_a_database(
    fermata: CommandLine, conversations: Conversations
) -> None:
    fermata.set(FERMATA_LEDGER_URL="")
    ended = fermata.run("calibrate", conversations.folder)
    assert ended.code == 2
    assert "FERMATA_LEDGER_URL is not set" in ended.stderr
