"""Keys in Prefect Secret blocks: they open the service, and are found nowhere else."""

import logging
from collections.abc import Iterator
from uuid import uuid4

import pytest

from fermata.errors import UsageError
from fermata.localserver.faults import AnswerStatus, Fault, Place
from fermata.redact import MASK
from tests.e2e.test_secrets import texts_below
from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner, StartServer
from tests.flows.seen import eventually, prefect_client

KEY = "sk-kept-in-a-block-0123456789"
OTHER = "sk-set-in-the-environment-01"
VARIABLE = "FERMATA_ASSEMBLYAI_KEY_BLOCK"


@pytest.fixture
def block(flows: FlowRunner) -> Iterator[str]:
    """The name of a Secret block that holds the key, named in the settings."""
    from prefect.blocks.system import Secret

    name = f"key-{uuid4().hex}"
    document = Secret(value=KEY).save(name)
    flows.set(**{VARIABLE: name})
    yield name
    with prefect_client() as client:
        client.delete_block_document(document)


def test_the_key_in_the_block_opens_the_service_and_is_nowhere_else(
    block: str, conversations: Conversations, serve: StartServer, flows: FlowRunner
) -> None:
    conversations.add("call.wav")
    refused = conversations.add("refused.wav")
    server = serve(api_keys=frozenset({KEY}))
    server.faults.add(Fault(Place.SUBMIT, AnswerStatus(400, f"bad key {KEY}"), content_id=refused))
    flows.set(ASSEMBLYAI_API_KEY="")
    run = flows.calibrate(conversations.folder)
    assert run.result.engine == "assemblyai"
    assert run.by_name["call.wav"].status == "analysed"
    assert KEY not in str(run.result)
    assert KEY not in "".join(text for _, text in texts_below(flows.data_dir))
    assert KEY not in recorded(run.run_id)
    assert "call.wav" in recorded(run.run_id)


def recorded(run_id: object) -> str:
    """All that Prefect's API tells of a run: parameters, logs, artifacts, states, tasks; blocks."""
    by_run = {"flow_run_id": {"any_": [str(run_id)]}}
    asked = {
        "flow_runs/filter": {"flow_runs": {"id": {"any_": [str(run_id)]}}},
        "task_runs/filter": {"task_runs": by_run},
        "logs/filter": {"logs": by_run},
        "artifacts/filter": {"artifacts": by_run},
        "block_documents/filter": {},
    }
    with prefect_client() as client:

        def told() -> str | None:
            texts = [
                client._client.post(f"/{path}", json=body).text for path, body in asked.items()
            ]
            return "".join(texts) if "bad key ***" in texts[2] else None

        return eventually(told)


def test_what_is_logged_after_the_block_was_read_is_masked(
    block: str, flows: FlowRunner, caplog: pytest.LogCaptureFixture
) -> None:
    from config.logging import set_up_logging

    set_up_logging()
    caplog.clear()
    with caplog.at_level("INFO", "fermata"):
        logging.getLogger("fermata").info("the key is %s", KEY)
    assert f"the key is {MASK}" in caplog.text


def test_the_environment_wins_over_the_block(block: str, flows: FlowRunner) -> None:
    from config.secrets import assemblyai_key

    flows.set(ASSEMBLYAI_API_KEY=OTHER)
    key = assemblyai_key()
    assert key is not None
    assert key.get_secret_value() == OTHER


def test_a_block_that_is_missing_is_named_with_its_variable(flows: FlowRunner) -> None:
    from config.secrets import assemblyai_key

    flows.set(**{VARIABLE: "nobody-made-it"})
    with pytest.raises(UsageError, match=f"{VARIABLE}: Prefect has no Secret block"):
        assemblyai_key()


def test_a_block_without_text_is_refused(flows: FlowRunner) -> None:
    from prefect.blocks.system import Secret

    from config.secrets import gladia_key

    Secret(value={"key": KEY}).save("no-text", overwrite=True)
    flows.set(FERMATA_GLADIA_KEY_BLOCK="no-text")
    with pytest.raises(UsageError, match="does not hold a key as text"):
        gladia_key()
