"""Questions to the LLM Gateway and what comes back."""

import json
from pathlib import Path

import pytest
from gateway_peer import GatewayPeer, answer, check, no_access

from fermata.assemblyai.errors import (
    AuthenticationError,
    ConnectionFailedError,
    NoCreditError,
    RateLimitedError,
    RequestRejectedError,
    ServiceUnavailableError,
)
from fermata.assemblyai.gateway import (
    GatewayClient,
    Message,
    ModelFailedError,
    ModelRefusedError,
    NoModelAnsweredError,
    Role,
    Usage,
)
from fermata.assemblyai.retry import RetryPolicy
from fermata.errors import UsageError
from tests.unheard_port import unheard_port

KEY = "secret-key-of-the-account"
QUESTION = (Message(Role.SYSTEM, "Be brief."), Message(Role.USER, "Who speaks?"))
QUICK = RetryPolicy(attempts=3, wait_initial_s=0.001, wait_max_s=0.001, retry_after_max_s=0.001)

LIMITED = (
    429,
    {"Retry-After": "7"},
    {"request_id": "r", "message": "too many requests for this action", "code": 429},
)


def ask(peer, **more):
    client = GatewayClient(peer.url, KEY, retry=QUICK)
    return client.complete(QUESTION, **({"model": "first"} | more))


def test_a_question_goes_out_as_documented_and_the_answer_comes_back():
    with GatewayPeer(answer("Sam and Ann.")) as peer:
        completion = ask(peer, max_tokens=50)
    path, headers, body = peer.requests[0]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == KEY
    assert body == {
        "model": "first",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Who speaks?"},
        ],
        "max_tokens": 50,
    }
    assert (completion.text, completion.model, completion.failures) == ("Sam and Ann.", "first", ())


def test_question_and_answer_pass_the_gateways_specification():
    with GatewayPeer(answer("Sam and Ann.")) as peer:
        ask(peer, max_tokens=50)
    check(peer.requests[0][2], "LLMGatewayRequest")
    check(answer("x")[2], "Response")


@pytest.mark.parametrize(
    "usage",
    [
        {"input_tokens": 16, "output_tokens": 6, "total_tokens": 22},
        {"prompt_tokens": 16, "completion_tokens": 6, "total_tokens": 22},
        {
            "prompt_tokens": None,
            "completion_tokens": None,
            "input_tokens": 16,
            "output_tokens": 6,
            "total_tokens": 22,
            "prompt_tokens_details": {"cached_tokens": 0},
        },
    ],
)
def test_usage_is_read_in_every_way_it_is_written(usage):
    with GatewayPeer(answer("ok", usage=usage)) as peer:
        assert ask(peer).usage == Usage(input_tokens=16, output_tokens=6, total_tokens=22)


def test_an_answer_without_usage_is_still_an_answer():
    with GatewayPeer(answer("ok", usage=None)) as peer:
        assert ask(peer).usage is None


def test_a_recorded_answer_is_read():
    path = Path(__file__).parents[4] / "shared/specs/samples/assemblyai-llm_complete.json"
    if not path.exists():
        pytest.skip("the recorded answer is not beside the project")
    with GatewayPeer((200, {}, json.loads(path.read_text()))) as peer:
        completion = ask(peer)
    assert completion.text == "PONG"
    assert completion.usage == Usage(input_tokens=16, output_tokens=6, total_tokens=22)


def test_a_wrong_key_is_told_at_once_and_no_other_model_is_tried():
    refusal = {"error": "Invalid API key", "status": "error", "request_id": "r"}
    with (
        GatewayPeer((401, {}, refusal)) as peer,
        pytest.raises(AuthenticationError, match="ASSEMBLYAI_API_KEY") as caught,
    ):
        ask(peer, fallback_models=["second"])
    assert KEY not in str(caught.value)
    assert peer.models_asked == ["first"]


def test_an_account_without_credit_is_told_at_once_and_no_other_model_is_tried():
    with (
        GatewayPeer((402, {}, {"error": "Insufficient funds"})) as peer,
        pytest.raises(NoCreditError, match="no credit"),
    ):
        ask(peer, fallback_models=["second"])
    assert peer.models_asked == ["first"]


def test_a_model_the_account_may_not_use_is_told_with_advice():
    with (
        GatewayPeer(no_access()) as peer,
        pytest.raises(ModelRefusedError, match=r"may not use first .* choose another model"),
    ):
        ask(peer)


def test_the_next_model_is_asked_where_one_is_refused_and_the_answer_says_so():
    with GatewayPeer(no_access(), answer("ok")) as peer:
        completion = ask(peer, fallback_models=["second", "third"])
    assert completion.model == "second"
    assert [each.model for each in completion.failures] == ["first"]
    assert "does not have access" in completion.failures[0].reason


@pytest.mark.parametrize(
    "failed",
    [
        answer("", llm_status_code=529),
        answer("  "),
        answer("x", choices=[]),
        (200, {}, {"choices": [{"message": {"content": None}}]}),
    ],
)
def test_a_model_that_fails_behind_the_gateway_is_passed_over(failed):
    with GatewayPeer(failed, answer("ok")) as peer:
        assert ask(peer, fallback_models=["second"]).model == "second"


def test_one_model_that_fails_alone_is_told_by_its_own_error():
    with GatewayPeer(answer("")) as peer, pytest.raises(ModelFailedError, match="first"):
        ask(peer)


def test_when_all_models_fail_each_reason_is_told():
    with (
        GatewayPeer(no_access(), answer("")) as peer,
        pytest.raises(NoModelAnsweredError, match=r"first: .*; second: ") as caught,
    ):
        ask(peer, fallback_models=["second", "first"])
    assert [each.model for each in caught.value.failures] == ["first", "second"]


def test_a_request_that_no_model_would_take_is_not_sent_to_others():
    body = {"error": {"code": 400, "message": "max_tokens must be at least 1"}}
    with (
        GatewayPeer((400, {}, body)) as peer,
        pytest.raises(RequestRejectedError, match="max_tokens must be at least 1"),
    ):
        ask(peer, fallback_models=["second"])
    assert peer.models_asked == ["first"]


def test_a_limited_question_is_repeated_after_the_wait_the_gateway_asks_for():
    with GatewayPeer(LIMITED, answer("ok")) as peer:
        assert ask(peer).text == "ok"
    assert peer.models_asked == ["first", "first"]


def test_a_question_is_repeated_only_so_often():
    with GatewayPeer(LIMITED, LIMITED, LIMITED) as peer, pytest.raises(RateLimitedError) as caught:
        ask(peer)
    assert caught.value.retry_after_s == 7
    assert len(peer.requests) == 3


def test_a_model_that_stays_limited_gives_way_to_the_next():
    with GatewayPeer(LIMITED, LIMITED, LIMITED, answer("ok")) as peer:
        assert ask(peer, fallback_models=["second"]).model == "second"


def test_a_gateway_in_trouble_is_asked_again():
    with GatewayPeer((503, {}, b"<html>"), answer("ok")) as peer:
        assert ask(peer).text == "ok"


def test_a_page_in_place_of_an_answer_is_no_answer():
    page = (200, {}, b"<html>log in</html>")
    with GatewayPeer(page, page, page) as peer, pytest.raises(ServiceUnavailableError):
        ask(peer)


def test_a_gateway_out_of_reach_is_told_without_asking_for_other_models():
    with unheard_port() as port:
        client = GatewayClient(f"http://127.0.0.1:{port}/v1", KEY, retry=QUICK)
        with pytest.raises(ConnectionFailedError):
            client.complete(QUESTION, model="first", fallback_models=["second"])


def test_a_key_is_not_sent_in_the_clear_to_another_machine():
    with pytest.raises(UsageError, match="unencrypted"):
        GatewayClient("http://gateway.example.com/v1", KEY)


@pytest.mark.parametrize("ending", ["", "/"])
def test_an_address_without_a_path_is_that_of_the_first_version(ending):
    with GatewayPeer(answer("Hello.")) as peer:
        host = peer.url.removesuffix("/v1")
        GatewayClient(f"{host}{ending}", KEY).complete(QUESTION, model="m")
        (path, _, _) = peer.requests[0]
    assert path == "/v1/chat/completions"
