"""The routes of the streaming side."""

from starlette.routing import BaseRoute, WebSocketRoute

from fermata.localserver.service import Service
from fermata.localserver.streaming.clock import Clock
from fermata.localserver.streaming.socket import StreamingSocket
from fermata.localserver.streaming.tokens import Tokens, token_routes


def routes(service: Service) -> list[BaseRoute]:
    """/v3/ws and /v3/token."""
    clock = Clock(service.config.streaming.clock_speed)
    tokens = Tokens(clock)
    socket = StreamingSocket(service, tokens, clock)
    return [WebSocketRoute("/v3/ws", socket), *token_routes(service, tokens)]
