"""Reading recordings before the run that needs them, while it waits for something else."""

from collections.abc import Callable, Iterator, Sequence

from fermata.ledger import Ledger
from fermata.recordings import Candidate, is_web
from fermata.runs.worklist import read_unseen

_AT_ONCE = 32


def read_ahead(
    candidates: Sequence[Candidate], ledger: Ledger, enough: Callable[[], bool]
) -> Iterator[int]:
    """Reads and hashes recordings into the ledger's index, where the run finds them.

    Args:
        candidates: what was listed.
        ledger: whose index remembers what was read.
        enough: asked before each few; what is left then is read by the run itself.

    Yields:
        How many have been looked at so far.
    """
    for begin in range(0, len(candidates), _AT_ONCE):
        if enough():
            return
        few = candidates[begin : begin + _AT_ONCE]
        # What an address holds is for the run to ask, which knows what is in the tables.
        read_unseen([each for each in few if not is_web(each.uri)], ledger)
        yield begin + len(few)
