"""How a run gets recordings transcribed: by itself, or a large batch with other workers' help.

A large batch is cut into parts. Each but the first becomes a run of its own, for any worker of
the pool; the first one is done here meanwhile, and after it whatever nobody has begun. So a pool
without a free worker delays nothing, and runs that wait for each other cannot block the pool.
"""

from config.choices import Engine
from config.settings import settings
from config.volume import sending_at_most
from config.wiring import storage
from fermata.ledger import JobKey
from fermata.runs.chunks import split
from fermata.runs.unsettled import Unsettled
from fermata.runs.worklist import Worklist
from flows.rounds import transcribe_here


def transcribe_all(
    worklist: Worklist, engine: Engine, accept_audio_hours: float | None = None
) -> dict[JobKey, Unsettled]:
    """Brings every new and open recording to an end, or says why not.

    Args:
        worklist: what there is to do; where there is nothing, no service is started or asked.
        engine: who transcribes.
        accept_audio_hours: what somebody accepted to be sent, where it is more than the settings
            allow; None where nobody did.

    Returns:
        The recordings that could not be settled in this run; the ledger and the archive hold
        the others.

    Raises:
        UsageError: the service does not answer or does not take the key, the data folder cannot
            be written, or the deployment for parts does not exist.
        TooMuchAudioError: it would send more than the settings allow and anybody accepted.
        AccountError: the key is wrong, or there is no credit, for every recording.
        StoppedError: the run was stopped.
    """
    sending_at_most(worklist, engine, accept_audio_hours)
    deployment = settings().chunk_deployment
    own, *others = split(worklist, settings().chunk_size)
    if deployment is None or not others:
        return transcribe_here(worklist, engine)
    storage().check_writable()
    # Prefect takes a while to import what starts deployments; most runs start none.
    from flows.parts import Elsewhere  # noqa: PLC0415

    with Elsewhere(engine) as elsewhere:
        for part in others:
            elsewhere.start(deployment, part)
        return transcribe_here(own, engine) | elsewhere.brought_to_an_end()
