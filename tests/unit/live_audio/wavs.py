"""WAV files as other programs write them, byte by byte."""

import struct

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def wav(
    data: bytes,
    *,
    channels: int,
    rate_hz: int,
    bits: int,
    codec: int = PCM,
    extensible: bool = False,
    claimed_bytes: int | None = None,
) -> bytes:
    """A whole WAV file; `claimed_bytes` is what its header says of the data, if not the truth."""
    align = channels * bits // 8
    tag = EXTENSIBLE if extensible else codec
    layout = struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * align, align, bits)
    if extensible:
        layout += struct.pack("<HHIH", 22, bits, 0, codec) + _GUID_TAIL
    size = len(data) if claimed_bytes is None else claimed_bytes
    riff_size = min(20 + len(layout) + size, 0xFFFFFFFF)
    return b"".join(
        (
            struct.pack("<4sI4s", b"RIFF", riff_size, b"WAVE"),
            struct.pack("<4sI", b"fmt ", len(layout)) + layout,
            struct.pack("<4sI", b"data", size) + data,
        )
    )
