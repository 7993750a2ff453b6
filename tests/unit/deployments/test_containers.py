"""What can be checked of the container files without a daemon or a cluster."""

import json
import re
from uuid import uuid4

import fermata
from config.env_files import tuned_environment, variables_in
from config.settings import Settings
from deployments.catalogue import WORK_POOL
from tests.unit.deployments.container_files import (
    DEPLOYMENTS,
    KUBERNETES,
    TEMPLATE,
    compose,
    images,
    manifests,
)

OURS = {f"{name}:{fermata.__version__}" for name in ("fermata", "fermata-kubernetes-worker")}
OFFICIAL = {"postgres:17.10-trixie"}
KEYS = {"ASSEMBLYAI_API_KEY", "GLADIA_API_KEY"}


def test_containers_are_made_of_our_image_and_official_ones() -> None:
    assert set(images(compose())) <= OURS | OFFICIAL
    assert set(images(manifests())) <= OURS


def test_every_image_and_tool_has_a_version() -> None:
    template = json.loads(TEMPLATE.read_text())["variables"]["properties"]["image"]["default"]
    assert template in OURS
    dockerfile = (DEPLOYMENTS / "Dockerfile").read_text()
    stages = set(re.findall(r"^FROM \S+ AS (\S+)", dockerfile, re.MULTILINE))
    bases = set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) - stages
    assert all(re.fullmatch(r"\w+:\d+\.\d+\.\d+-\S+", base) for base in bases), bases
    tools = re.findall(r"pip install [^\n]*?(uv|prefect-kubernetes)(\S*)", dockerfile)
    assert [tool for tool, version in tools if "==" not in version] == []


def test_every_variable_set_for_a_container_is_a_setting() -> None:
    known = KEYS | {f"FERMATA_{field.upper()}" for field in Settings.model_fields}
    files = variables_in(KUBERNETES / "settings.env")
    named = set(files) | set(compose()["x-fermata"]["environment"])
    assert {name for name in named if not name.startswith("PREFECT_")} <= known


def test_every_container_has_the_tuned_settings_and_the_heartbeat() -> None:
    wanted = tuned_environment() | variables_in(DEPLOYMENTS / "worker.env")
    (settings,) = [each for each in manifests() if each["metadata"]["name"] == "fermata-settings"]
    assert wanted.items() <= settings["data"].items()
    for name, service in compose()["services"].items():
        files = {str(file) for file in service.get("env_file", ())}
        assert name == "postgres" or "../config/prefect.env" in files
        assert name in ("postgres", "prefect") or "worker.env" in files


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
