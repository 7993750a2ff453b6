"""What can be checked of the container files without a daemon or a cluster."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from config.prefect_server import tuned_environment, variables_in
from config.settings import Settings
from deployments.catalogue import WORK_POOL

DEPLOYMENTS = Path(__file__).parents[3] / "deployments"
KUBERNETES = DEPLOYMENTS / "kubernetes"
TEMPLATE = KUBERNETES / "base-job-template.json"
OURS = {"fermata", "fermata-kubernetes-worker"}
OFFICIAL = {"postgres:17"}
KEYS = {"ASSEMBLYAI_API_KEY", "GLADIA_API_KEY"}


def images(node: Any) -> Iterator[str]:
    """Every image that a parsed file names."""
    if isinstance(node, dict):
        if isinstance(node.get("image"), str):
            yield node["image"]
        for value in node.values():
            yield from images(value)
    elif isinstance(node, list):
        for value in node:
            yield from images(value)


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOYMENTS / "compose.yaml").read_text()))


def manifests() -> list[dict[str, Any]]:
    """All Kubernetes objects, put together as they are applied."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed")
    command = [kubectl, "kustomize", "--load-restrictor", "LoadRestrictionsNone", str(KUBERNETES)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return list(yaml.safe_load_all(ended.stdout))


def test_containers_are_made_of_our_image_and_official_ones() -> None:
    assert set(images(compose())) <= OURS | OFFICIAL
    assert set(images(manifests())) <= OURS


def test_every_variable_set_for_a_container_is_a_setting() -> None:
    known = KEYS | {f"FERMATA_{field.upper()}" for field in Settings.model_fields}
    files = variables_in(KUBERNETES / "settings.env")
    named = set(files) | set(compose()["x-fermata"]["environment"])
    assert {name for name in named if not name.startswith("PREFECT_")} <= known


def test_every_container_has_the_tuned_settings_and_the_heartbeat() -> None:
    wanted = {**tuned_environment(), **variables_in(DEPLOYMENTS / "worker.env")}
    (settings,) = [each for each in manifests() if each["metadata"]["name"] == "fermata-settings"]
    assert wanted.items() <= settings["data"].items()
    for service in compose()["services"].values():
        files = service.get("env_file")
        assert files is None or {"../config/prefect.env", "worker.env"} <= {str(f) for f in files}


def test_only_the_machine_itself_reaches_the_server_in_containers() -> None:
    ports = [port for each in compose()["services"].values() for port in each.get("ports", [])]
    assert ports == ["127.0.0.1:4200:4200"]


def test_no_secret_is_written_into_a_manifest() -> None:
    assert not [each for each in manifests() if each["kind"] == "Secret"]


def test_the_job_template_fills_in_only_what_it_declares() -> None:
    template = json.loads(TEMPLATE.read_text())
    used = set(re.findall(r"{{ (\w+) }}", json.dumps(template["job_configuration"])))
    assert used == set(template["variables"]["properties"])


def test_prefect_takes_the_job_template(prefect_server: str) -> None:
    from prefect.client.schemas.actions import WorkPoolCreate

    from tests.flows.seen import prefect_client

    name = f"{WORK_POOL}-{uuid4().hex}"
    template = json.loads(TEMPLATE.read_text())
    with prefect_client() as client:
        made = client.create_work_pool(
            WorkPoolCreate(name=name, type="kubernetes", base_job_template=template)
        )
        client.delete_work_pool(name)
    assert made.base_job_template == template
