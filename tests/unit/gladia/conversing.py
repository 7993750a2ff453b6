"""What the tests of Gladia's connection do again and again."""

from fermata.assemblyai.retry import RetryPolicy
from fermata.gladia import GladiaClient, GladiaProvider, IdleTimes
from fermata.live.events import Ended, SignOfLife
from fermata.live.wire import WireTimes

KEY = "gladia-key-of-the-account"
RATE_HZ = 16000
BYTES_PER_S = 2 * RATE_HZ
FRAME = bytes(range(200)) * 16  # 3,200 bytes: 100 ms
QUICK = RetryPolicy(attempts=3, wait_initial_s=0.001, wait_max_s=0.001, retry_after_max_s=0.001)
_WAITS = 1200
_WAIT_S = 0.05


def client_for(peer, **more):
    return GladiaClient(peer.url, KEY, retry=QUICK, **more)


def provider_for(peer, request=None, **idle):
    times = WireTimes(close_s=0.5)
    return GladiaProvider(client_for(peer), request, times=times, idle=IdleTimes(**idle))


def events_until(connection, is_last):
    """Receives until an event satisfies `is_last`; fails after a bound, not by hanging."""
    events = []
    for _ in range(_WAITS):
        event = connection.receive(_WAIT_S)
        if event not in (None, SignOfLife()):
            events.append(event)
            if is_last(event):
                return events
    raise AssertionError(f"never came, only {events}")


def events_to_the_end(connection):
    return events_until(connection, lambda event: isinstance(event, Ended))


def error_of(connection):
    """Receives until the connection fails; returns the error and the events before."""
    events = []
    for _ in range(_WAITS):
        try:
            event = connection.receive(_WAIT_S)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error, events
        if event not in (None, SignOfLife()):
            events.append(event)
    raise AssertionError(f"did not fail, but told {events}")


def serve_one_turn(connection):
    connection.send("start_session")
    connection.read_audio(2 * len(FRAME))
    connection.acknowledge(0, 2 * len(FRAME))
    connection.send("speech_start", data={"time": 0.05, "channel": 0})
    connection.transcript("hello", is_final=False, start=0.05, end=0.1)
    connection.read_until_stop()
    connection.transcript("Hello there.", start=0.05, end=0.2)
    connection.end(billed_s=1.0, audio_s=0.2)


def talk(peer, **idle):
    return provider_for(peer, **idle).connect(RATE_HZ)


def drop_after(byte_count, accepted_bytes):
    def serve(connection):
        connection.read_audio(byte_count)
        connection.acknowledge(0, accepted_bytes)
        connection.drop()

    return serve
