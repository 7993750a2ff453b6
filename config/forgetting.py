"""Where calls may be, and who removes them there, by the settings."""

from config.choices import Engine
from config.prefect_forgetting import delete_records
from config.secrets import gladia_key
from config.services import ServiceAddress, choose_engine, client_for
from config.settings import settings
from config.wiring import ledger, storage
from fermata.errors import FermataError, UsageError
from fermata.forgetting import AtService, Places
from fermata.forgetting.calls import GLADIA
from fermata.gladia.http import GladiaClient


class OtherServiceError(FermataError):
    """What is to be deleted is at another service than the settings name."""


def places() -> Places:
    """The data folder, the ledger, the services and Prefect."""
    return Places(storage(), ledger(), delete_at_service, delete_records)


def delete_at_service(kept: AtService) -> None:
    """Deletes what a service keeps of a call, for good; what is gone is as good as deleted.

    Raises:
        UsageError: no key is set for the service, or its address is not safe to send one to.
        OtherServiceError: it is at another address than the settings name.
        ServiceError: the service refused, or stayed unreachable.
    """
    if kept.provider == GLADIA:
        _gladia().delete(kept.id)
        return
    choose_engine(Engine.ASSEMBLYAI)
    client = client_for(ServiceAddress(Engine.ASSEMBLYAI, settings().assemblyai_base_url))
    # Where the ledger was rebuilt nobody knows its address; then it is asked for here.
    if kept.service not in {None, client.base_url}:
        raise OtherServiceError(
            f"transcript {kept.id} is at {kept.service}, not at {client.base_url}: run "
            "`fermata tidy` once with that address in FERMATA_ASSEMBLYAI_BASE_URL"
        )
    client.delete(kept.id)


def _gladia() -> GladiaClient:
    key = gladia_key()
    if key is None:
        raise UsageError(
            "no Gladia key: set GLADIA_API_KEY and run `fermata tidy`, which deletes the session "
            "there"
        )
    current = settings()
    return GladiaClient(
        current.gladia_base_url,
        key.get_secret_value(),
        allow_insecure_hosts=current.allow_insecure_hosts,
    )
