"""How sessions ask the gateway's model about their turns."""

import time
from typing import Any

from fermata.localserver.faults import Place
from fermata.localserver.gateway import shapes
from fermata.localserver.gateway.model import answer
from fermata.localserver.gateway.rest import accessible
from fermata.localserver.service import Service
from fermata.localserver.streaming.effects import Withhold
from fermata.localserver.streaming.parameters import GatewayRequest
from fermata.localserver.streaming.session import Ask

JsonObject = dict[str, Any]

TURN = "{{turn}}"


def asker(service: Service) -> Ask:
    """What asks for the sessions of a server.

    Where the account may not ask that model, or a fault is due, there is no answer and no error
    either, as measured on the service.
    """

    def ask(request: GatewayRequest, transcript: str) -> JsonObject | None:
        effect = service.faults.take(Place.LLM, None)
        if isinstance(effect, Withhold) or not accessible(service, request.model):
            return None
        started_ns = time.perf_counter_ns()
        texts = [message.content.replace(TURN, transcript) for message in request.messages]
        echo = request.model_dump(exclude={"messages"})
        return shapes.completion(answer(texts, request.max_tokens), echo, started_ns)

    return ask
