"""Writes the same three batches over and over and says so: to be killed at any moment."""

import sys

from table_rows import recording_gaps

from fermata.storage import Storage
from fermata.tables import GAPS, gaps_frame, write_batch

storage = Storage(sys.argv[1])
frames = [
    gaps_frame([recording_gaps(f"r{batch}.{number}", range(1, 401)) for number in range(50)])
    for batch in range(3)
]
while True:
    for batch, frame in enumerate(frames):
        write_batch(storage, GAPS, f"b{batch}", frame)
        sys.stdout.write(f"{batch}\n")
        sys.stdout.flush()
