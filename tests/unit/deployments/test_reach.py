"""Who reaches whom in containers: what the server knows, what it asks for, who may connect."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.e2e.prefect_api import PrefectApi, eventually
from tests.e2e.production import free_port, kill
from tests.open_page import Attack
from tests.unit.deployments.container_files import (
    compose,
    compose_environment,
    connects,
    manifests,
    pod_environment,
    pods,
)

LOGIN = "fermata:of-the-env-file"
KEYS = {"ASSEMBLYAI_API_KEY": "sk-a", "GLADIA_API_KEY": "sk-g", "FERMATA_LEDGER_URL": "pg://pw@"}
DOTENV = KEYS | {
    "POSTGRES_PASSWORD": "pw",
    "PREFECT_API_AUTH_STRING": LOGIN,
    "RECORDINGS": "/calls",
}
POSTGRES = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
SECRETS = {
    "fermata-keys": KEYS,
    "fermata-login": {"PREFECT_API_AUTH_STRING": LOGIN},
    "fermata-server": {POSTGRES: "postgresql+asyncpg://postgres:pw@postgres/prefect"},
}
CLIENTS = ("worker", "run", "live", "deploy")


@pytest.fixture(scope="module")
def server_in_compose(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with the environment that `compose.yaml` gives it, on SQLite."""
    folder = tmp_path_factory.mktemp("compose")
    environment = compose_environment("prefect", DOTENV)
    del environment[POSTGRES]
    port = free_port()
    command = [sys.executable, "-m", "prefect", "server", "start", "--no-services"]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        env=environment | {"PATH": os.environ["PATH"], "PREFECT_HOME": str(folder)},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(PrefectApi(f"http://127.0.0.1:{port}/api").is_healthy)
        yield f"http://127.0.0.1:{port}"
    finally:
        kill(process)


def test_a_foreign_page_and_whoever_knows_no_login_are_refused(server_in_compose: str) -> None:
    assert Attack(server_in_compose).successes() == []


def test_its_clients_and_probes_are_not(server_in_compose: str) -> None:
    api = PrefectApi(f"{server_in_compose}/api", lambda: LOGIN)
    assert api.post("deployments/filter") == []
    assert api.is_healthy()


def test_the_server_in_kubernetes_is_the_same_one() -> None:
    """What guards it is: so what was shown of the one holds for the other."""
    there = pod_environment(manifests(), "prefect", SECRETS)
    here = compose_environment("prefect", DOTENV)
    assert {name: there.get(name) for name in here} == here


def test_the_server_has_no_keys_and_no_ledger() -> None:
    assert not compose_environment("prefect", DOTENV).keys() & KEYS
    assert not pod_environment(manifests(), "prefect", SECRETS).keys() & KEYS


def test_whoever_talks_to_the_server_has_its_login() -> None:
    for service, wanted in compose()["services"].items():
        if "PREFECT_API_URL" in wanted["environment"]:
            assert compose_environment(service, DOTENV)["PREFECT_API_AUTH_STRING"] == LOGIN
    for app in ("worker", "live", "deploy"):
        assert pod_environment(manifests(), app, SECRETS)["PREFECT_API_AUTH_STRING"] == LOGIN


def test_the_login_does_not_stand_in_the_runs_jobs() -> None:
    """The worker puts a reference to the secret there, if it is told the secret's name."""
    told = pod_environment(manifests(), "worker", SECRETS)
    option = "PREFECT_INTEGRATIONS_KUBERNETES_WORKER_API_AUTH_STRING_SECRET"
    assert SECRETS[told[f"{option}_NAME"]][told[f"{option}_KEY"]] == LOGIN


def test_only_fermatas_pods_connect_to_the_server_and_nobody_to_others() -> None:
    objects = manifests()
    everybody = {*pods(objects), "stranger"}
    assert everybody == {*CLIENTS, "prefect", "stranger"}
    allowed = {
        (source, target)
        for source in everybody
        for target in everybody - {"stranger"}
        if connects(objects, source, target, 4200)
    }
    assert allowed == {(client, "prefect") for client in CLIENTS}
    assert not any(connects(objects, source, "prefect", 8080) for source in everybody)


def test_only_the_machine_itself_reaches_the_server_in_containers() -> None:
    ports = [port for each in compose()["services"].values() for port in each.get("ports", [])]
    assert ports == ["127.0.0.1:4200:4200"]


def test_no_pod_may_more_than_it_needs() -> None:
    for app, pod in pods(manifests()).items():
        (container,) = pod["spec"]["containers"]
        assert pod["spec"]["securityContext"]["runAsNonRoot"]
        assert pod["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        writable = {each["mountPath"] for each in container["volumeMounts"]}
        assert {"/home/fermata", "/tmp"} <= writable
        assert pod["spec"].get("automountServiceAccountToken", True) == (app == "worker")


def test_no_service_of_ours_in_compose_gains_privileges() -> None:
    for name, service in compose()["services"].items():
        if name != "postgres":
            assert service["security_opt"] == ["no-new-privileges:true"]
            assert service["cap_drop"] == ["ALL"]
