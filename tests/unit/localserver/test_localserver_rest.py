"""The pre-recorded API over HTTP: keys, uploads, submissions, polling, listing, deletion."""

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import requests

from fermata.localserver import Era
from tests.held_audio import held_audio
from tests.unit.localserver.client import TALK, Client, StartClient

UNAUTHORISED = {"error": "Authentication error, API token missing/invalid"}
NOBODYS_URL = "http://127.0.0.1:9/nothing.wav"


def keys_of_the_recorded_transcript() -> set[str]:
    sample = Path(__file__).parents[4] / "shared/specs/samples/assemblyai-transcript_get.json"
    if not sample.exists():
        pytest.skip("the recorded answer of the service is not beside the project")
    return set(json.loads(sample.read_text()))


def test_the_server_says_that_it_is_up(client: Client):
    assert client.request("GET", "/healthz").json() == {"status": "ok"}


def test_an_unknown_path_is_a_404_in_json(client: Client):
    response = client.request("GET", "/v2/nothing")
    assert (response.status_code, response.json()) == (404, {"error": "Not Found"})


@pytest.mark.parametrize("path", ["/v2/upload", "/v2/transcript"])
def test_an_empty_key_is_refused(client: Client, path):
    response = client.request("POST", path, data=b"x" * 10**6, headers={"Authorization": ""})
    assert (response.status_code, response.json()) == (401, UNAUTHORISED)


def test_only_the_configured_keys_are_let_in(start_client: StartClient):
    client = start_client(api_keys={"right"})
    for key, status in (("right", 200), ("wrong", 401)):
        headers = {"Authorization": key}
        assert client.request("GET", "/v2/transcript", headers=headers).status_code == status


def test_an_upload_is_answered_with_its_address(client: Client):
    assert client.upload(b"a").startswith(f"{client.server.url}/upload/")


def test_uploads_are_counted_by_content(client: Client):
    for content in (b"one", b"one", b"two"):
        client.upload(content)
    counts = client.server.store.uploads_per_content
    assert counts == {hashlib.sha256(b"one").hexdigest(): 2, hashlib.sha256(b"two").hexdigest(): 1}


def test_a_chunked_upload_is_accepted(client: Client):
    response = client.request("POST", "/v2/upload", data=iter([b"on", b"e"]))
    assert response.status_code == 200
    assert client.server.store.uploads_per_content[hashlib.sha256(b"one").hexdigest()] == 1


def test_a_transcript_has_every_key_that_the_service_answers_with(client: Client):
    transcript = client.submit(NOBODYS_URL)
    assert transcript.keys() == keys_of_the_recorded_transcript()


def test_a_submission_is_queued_and_repeats_its_options(client: Client):
    transcript = client.submit(
        NOBODYS_URL, language_code="en", speaker_labels=True, speech_models=["universal-2"]
    )
    assert transcript["status"] == "queued"
    assert transcript["language_code"] == "en_us"
    assert transcript["speaker_labels"] is True
    assert transcript["speech_models"] == ["universal-2"]


def test_the_secret_of_a_webhook_is_not_repeated(client: Client):
    transcript = client.submit(NOBODYS_URL, webhook_auth_header_value="hush")
    assert "hush" not in json.dumps(transcript)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "Transcript creation error, audio_url not found"),
        ({"audio_url": "u", "format_text": 1}, "format_text must be a Boolean"),
        ({"audio_url": "u", "speech_model": "best"}, "speech_model is deprecated."),
        (
            {"audio_url": "u", "speech_models": []},
            '"speech_models" must be a non-empty list containing one or more of: "universal-3-5',
        ),
        (
            {"audio_url": "u", "speech_models": ["universal-3-pro"]},
            'The "universal-3-pro" speech model(s) have been deprecated.',
        ),
        (
            {"audio_url": "u", "speaker_options": {"a": 1}, "speakers_expected": 2},
            "Both speaker_options and speakers_expected can not be used in the same request.",
        ),
        (
            {"audio_url": "u", "speech_models": ["nope"]},
            '"speech_models" must be a non-empty list containing one or more of: "universal-3-5',
        ),
        ({"audio_url": "u", "language_codes": ["xx"]}, "Invalid value for language_codes.0: "),
        ({"audio_url": "u", "speakers_expected": -2}, "Invalid value for speakers_expected: "),
        ([], "Invalid request body"),
    ],
)
def test_a_wrong_submission_is_refused_in_the_words_of_the_service(client: Client, body, text):
    response = client.request("POST", "/v2/transcript", json=body)
    assert response.status_code == 400
    assert response.json()["error"].startswith(text)
    assert not client.server.store.submissions


def test_a_submission_that_is_no_json_is_refused(client: Client):
    assert client.request("POST", "/v2/transcript", data=b"{").status_code == 400


def test_unknown_options_are_ignored(client: Client):
    assert "flavour" not in client.submit(NOBODYS_URL, flavour="vanilla")


def test_in_spring_the_models_had_to_be_named(start_client: StartClient):
    client = start_client(era=Era.SPRING)
    response = client.request("POST", "/v2/transcript", json={"audio_url": NOBODYS_URL})
    assert response.status_code == 400
    client.submit(NOBODYS_URL, speech_models=["universal-3-pro"])


def test_somebody_elses_upload_cannot_be_used(client: Client):
    audio_url = f"{client.server.url}/upload/00000000"
    response = client.request("POST", "/v2/transcript", json={"audio_url": audio_url})
    assert (response.status_code, response.json()) == (
        403,
        {"error": "Cannot access uploaded file"},
    )


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_transcript_is_a_400(client: Client, method):
    response = client.request(method, "/v2/transcript/nobody")
    assert response.status_code == 400
    assert response.json() == {"error": "Transcript lookup error, transcript id not found"}


def test_submissions_are_counted_by_content(client: Client):
    first, again = client.upload(b"one"), client.upload(b"one")
    client.submit(first)
    client.submit(again)
    client.submit(NOBODYS_URL)
    assert client.server.store.submissions == {
        hashlib.sha256(b"one").hexdigest(): 2,
        hashlib.sha256(NOBODYS_URL.encode()).hexdigest(): 1,
    }


def test_the_counts_can_be_read_from_another_process(client: Client):
    client.submit(client.upload(b"one"))
    content_id = hashlib.sha256(b"one").hexdigest()
    state = requests.get(f"{client.server.url}/_fermata/state", timeout=60).json()
    assert state["submissions"] == state["uploads"] == {content_id: 1}
    assert state["requests"] == {"upload": 1, "submit": 1}
    assert sum(state["jobs"].values()) == 1


def test_a_deleted_transcript_says_nothing_any_more(start_client: StartClient, references):
    client = start_client(references=references)
    upload_url = client.upload(TALK)
    transcript_id = client.submit(upload_url)["id"]
    assert client.finished(transcript_id)["text"]
    deleted = client.request("DELETE", f"/v2/transcript/{transcript_id}").json()
    assert deleted["id"] == transcript_id
    assert deleted["audio_url"] == "http://deleted_by_user"
    assert deleted["text"] is deleted["words"] is None
    again = client.request("POST", "/v2/transcript", json={"audio_url": upload_url})
    assert again.status_code == 403


def test_a_transcript_deleted_amid_its_job_stays_silent(start_client: StartClient, references):
    client = start_client(references=references)
    with held_audio(TALK) as audio:
        transcript_id = client.submit(f"{audio.url}/talk.wav")["id"]
        client.until(transcript_id, "processing")
        client.request("DELETE", f"/v2/transcript/{transcript_id}")
        audio.let_one_go()
        assert client.finished(transcript_id)["text"] is None


def listed(client: Client, **query) -> tuple[list[str], dict]:
    body = client.request("GET", "/v2/transcript", params=query).json()
    return [item["id"] for item in body["transcripts"]], body["page_details"]


def test_a_listing_shows_the_newest_first_with_their_audio(client: Client):
    urls = [f"{NOBODYS_URL}?{number}" for number in range(3)]
    ids = [client.submit(url)["id"] for url in urls]
    body = client.request("GET", "/v2/transcript").json()
    assert [item["id"] for item in body["transcripts"]] == ids[::-1]
    assert [item["audio_url"] for item in body["transcripts"]] == urls[::-1]
    assert body["transcripts"][0].keys() == {
        "audio_url", "completed", "created", "error", "id", "resource_url", "status"
    }  # fmt: skip
    assert body["page_details"]["result_count"] == 3
    assert body["page_details"]["prev_url"] is body["page_details"]["next_url"] is None


def test_prev_url_walks_to_older_and_next_url_to_newer_ones(client: Client):
    ids = [client.submit(NOBODYS_URL)["id"] for _ in range(5)][::-1]
    first, details = listed(client, limit=2)
    assert (first, details["next_url"]) == (ids[:2], None)
    get = partial(requests.get, headers=dict(client.session.headers), timeout=60)
    middle = get(details["prev_url"]).json()
    assert [item["id"] for item in middle["transcripts"]] == ids[2:4]
    last = get(middle["page_details"]["prev_url"]).json()
    assert [item["id"] for item in last["transcripts"]] == ids[4:]
    assert last["page_details"]["prev_url"] is None
    back = get(last["page_details"]["next_url"]).json()
    assert [item["id"] for item in back["transcripts"]] == ids[2:4]
    assert listed(client, before_id=ids[1])[0] == ids[2:]
    assert listed(client, after_id=ids[1])[0] == ids[:1]


def test_a_listing_filters_by_status_and_day(client: Client):
    transcript_id = client.submit(NOBODYS_URL)["id"]
    client.finished(transcript_id)
    created = client.request("GET", "/v2/transcript").json()["transcripts"][0]["created"]
    assert listed(client, status="error", created_on=created[:10])[0] == [transcript_id]
    assert listed(client, status="completed")[0] == []
    assert listed(client, created_on="1999-12-31")[0] == []


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"status": "x"}, {"after_id": "x"}]
)
def test_a_listing_refuses_what_makes_no_sense(client: Client, query):
    client.submit(NOBODYS_URL)
    assert client.request("GET", "/v2/transcript", params=query).status_code == 400


@pytest.fixture
def web_folder(tmp_path: Path) -> Iterator[str]:
    """The address of a web server for the files of the test's folder."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_args) -> None:
            pass

    handler = partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_audio_is_fetched_from_its_address(start_client: StartClient, references, web_folder):
    client = start_client(references=references)
    transcript = client.submit(f"{web_folder}/references/office/talk.wav")
    assert client.finished(transcript["id"])["text"] == "good morning good evening"


@pytest.mark.parametrize("audio_url", [NOBODYS_URL, "ftp://somewhere/a.wav", "nonsense"])
def test_an_address_without_audio_ends_in_an_error(client: Client, audio_url):
    transcript = client.finished(client.submit(audio_url)["id"])
    assert transcript["status"] == "error"
    assert transcript["error"] == (
        f"Download error, unable to download {audio_url}. "
        "Please make sure the file exists and is accessible from the internet."
    )
