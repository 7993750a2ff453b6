"""The answers of the gateway as recorded from the service: completions, and its several errors."""

import time
from typing import Any
from uuid import uuid4

from fermata.localserver.gateway.model import Reply

JsonObject = dict[str, Any]

NO_ACCESS = "Your account does not have access to this LLM Gateway model"
INVALID_BODY = "invalid request body"
TOO_MANY = "too many requests for this action"


def completion(reply: Reply, request: JsonObject, started_ns: int) -> JsonObject:
    """A completion; its usage has the names of both vendors whose clients read it.

    Args:
        reply: What the model said.
        request: What is echoed of the request: all but its messages.
        started_ns: When it was asked, by `time.perf_counter_ns`.
    """
    return {
        "request_id": str(uuid4()),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": reply.content},
                "finish_reason": reply.finish_reason,
            }
        ],
        "usage": {
            "input_tokens": reply.input_tokens,
            "output_tokens": reply.output_tokens,
            "prompt_tokens": reply.input_tokens,
            "completion_tokens": reply.output_tokens,
            "total_tokens": reply.input_tokens + reply.output_tokens,
        },
        "request": request,
        "response_time": time.perf_counter_ns() - started_ns,
        "llm_status_code": 200,
    }


def unauthorized(text: str) -> JsonObject:
    """The body of a 401."""
    return {"error": text, "status": "error", "request_id": str(uuid4())}


def refused(code: int, message: str, *errors: str) -> JsonObject:
    """The body of any other error."""
    body: JsonObject = {"code": code, "message": message, "request_id": str(uuid4())}
    return {**body, "metadata": {"errors": list(errors)}} if errors else body


def rate_headers(retry_after_s: int, model: str) -> dict[str, str]:
    """The headers of a 429: thirty questions a minute for each model, as a paying account has."""
    return {
        "Retry-After": str(retry_after_s),
        "X-RateLimit-Limit": "30",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(retry_after_s),
        "X-RateLimit-Model": model,
        "X-RateLimit-Service": "llm-gateway",
    }
