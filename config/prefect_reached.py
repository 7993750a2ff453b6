"""The Prefect server that runs report to, for whoever asks it something without starting one."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from config.env_files import tuned_environment
from config.prefect_import import prefect_settings
from config.prefect_login import basic_authorization
from config.prefect_server import login_for, running_server
from config.proxies import settle_proxies
from config.running_server import RunningServer

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient


@dataclass(frozen=True, slots=True)
class PrefectApi:
    """A Prefect server's API, and what opens it.

    Attributes:
        url: its address, without a slash at the end.
        login: `user:password`, for a server of one's own; None where it asks for none.
        key: of Prefect Cloud.
    """

    url: str
    login: SecretStr | None = None
    key: SecretStr | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What opens it, as a request carries it."""
        if self.login:
            return basic_authorization(self.login)
        return {"Authorization": f"Bearer {self.key.get_secret_value()}"} if self.key else {}

    def client(self) -> "SyncPrefectClient":
        """A client of it, to be used as a context."""
        # Prefect takes 2 s to import.
        from prefect.client.orchestration import SyncPrefectClient  # noqa: PLC0415

        return SyncPrefectClient(
            self.url,
            auth_string=self.login.get_secret_value() if self.login else None,
            api_key=self.key.get_secret_value() if self.key else None,
        )


def reached_api() -> PrefectApi | None:
    """The configured server, else the local one that answers; None where there is neither.

    Raises:
        UsageError: the local server takes another login than the one kept.
    """
    configured = configured_api()
    local = local_at(configured) if configured else running_server()
    return PrefectApi(local.api_url, login_for(local)) if local else configured


def configured_api() -> PrefectApi | None:
    """What the environment and Prefect's profile say, or None.

    Raises:
        UsageError: Prefect can't read its settings.
    """
    # Read as Prefect is imported, which takes 2 s: hence here, and late.
    for name, value in tuned_environment().items():
        os.environ.setdefault(name, value)
    api = prefect_settings().api
    settle_proxies(*filter(None, [api.url]))
    return PrefectApi(api.url.rstrip("/"), api.auth_string, api.key) if api.url else None


def local_at(configured: PrefectApi) -> RunningServer | None:
    """The local server, if that is the configured one and no login for it is configured."""
    if configured.login or configured.key:
        return None
    local = running_server()
    names = configured.url.replace("//localhost:", "//127.0.0.1:")
    return local if local and local.api_url == names else None
