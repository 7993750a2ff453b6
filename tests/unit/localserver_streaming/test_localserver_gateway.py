"""The LLM Gateway's endpoint, and the model behind it."""

import pytest
import requests

from fermata.localserver.gateway.model import answer

QUESTION = {"model": "any-model", "messages": [{"role": "user", "content": "one two three"}]}


def ask(server, body=QUESTION, key="some-key"):
    headers = {"Authorization": key} if key else {}
    url = f"{server.url}/v1/chat/completions"
    return requests.post(url, json=body, headers=headers, timeout=60)


def test_an_answer_is_about_the_last_paragraph_of_the_last_message():
    asked = ["Hello.", "Name the words.\n\nTranscript: we meet on Monday"]
    assert answer(asked, 100).content == "4 words: “we meet on Monday”"
    assert answer(["word"], 100).content == "1 word: “word”"
    assert answer([""], 100).content == "0 words."
    long = " ".join(["so"] * 13)
    assert answer([long], 100).content.endswith("so …”")


def test_an_answer_is_as_long_as_it_may_be():
    cut = answer(["a b c d e f"], 3)
    assert (cut.content, cut.finish_reason, cut.output_tokens) == ("6 words: “a", "length", 3)


@pytest.mark.parametrize("key", ["some-key", "Bearer some-key"])
def test_a_completion_has_the_names_of_both_usages(server, key):
    response = ask(server, key=key)
    body = response.json()
    assert response.status_code == 200
    assert body["choices"][0]["message"] == {
        "role": "assistant",
        "content": "3 words: “one two three”",
    }
    usage = body["usage"]
    assert usage["input_tokens"] == usage["prompt_tokens"] == 3
    assert usage["output_tokens"] == usage["completion_tokens"] == 5
    assert usage["total_tokens"] == 8
    assert body["request"] == {"model": "any-model", "max_tokens": 1000}
    assert body["llm_status_code"] == 200
    assert body["response_time"] > 0


def test_a_prompt_is_a_question_too(server):
    body = ask(server, {"model": "m", "prompt": "only this"}).json()
    assert body["choices"][0]["message"]["content"] == "2 words: “only this”"


def test_messages_may_come_in_parts(server):
    parts = [{"type": "text", "text": "in parts"}]
    body = ask(server, {"model": "m", "messages": [{"role": "user", "content": parts}]}).json()
    assert body["choices"][0]["message"]["content"] == "2 words: “in parts”"


def test_no_key_is_a_401_in_the_gateways_shape(server):
    response = ask(server, key=None)
    assert response.status_code == 401
    assert response.json().keys() == {"error", "status", "request_id"}


@pytest.mark.parametrize("body", [{}, {"model": ""}, {"model": "m", "messages": "x"}, []])
def test_a_wrong_question_is_a_400(server, body):
    response = ask(server, body)
    assert response.status_code == 400
    assert response.json()["message"] == "invalid request body"
    assert response.json()["metadata"]["errors"]


def test_a_model_out_of_reach_is_a_400_that_says_so(start_server):
    server = start_server(gateway_models=["mine"])
    refused = ask(server).json()
    assert refused["code"] == 400
    assert refused["metadata"]["errors"] == [
        "Your account does not have access to this LLM Gateway model"
    ]
    assert ask(server, {**QUESTION, "model": "mine"}).ok


def test_a_429_tells_when_to_ask_again(start_server):
    server = start_server("gateway:status=429,retry_after=7,times=1")
    response = ask(server)
    assert response.status_code == 429
    assert response.json()["message"] == "too many requests for this action"
    assert response.headers["Retry-After"] == "7"
    assert response.headers["X-RateLimit-Model"] == "any-model"
    assert ask(server).ok


def test_other_faults_strike_the_gateway_as_any_request(start_server):
    server = start_server("gateway:status=503,times=1", "gateway:reset=before,times=1,after=1")
    assert ask(server).json()["code"] == 503
    with pytest.raises(requests.ConnectionError):
        ask(server)
    assert ask(server).ok
