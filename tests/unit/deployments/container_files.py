"""The container files, read as Docker Compose and Kubernetes read them."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.env_files import variables_in

DEPLOYMENTS = Path(__file__).parents[3] / "deployments"
KUBERNETES = DEPLOYMENTS / "kubernetes"
TEMPLATE = KUBERNETES / "base-job-template.json"


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOYMENTS / "compose.yaml").read_text()))


def compose_environment(service: str, dotenv: Mapping[str, str]) -> dict[str, str]:
    """What a service has in its environment, with these variables in `.env`."""
    wanted = compose()["services"][service]
    found: dict[str, str] = {}
    for file in wanted["env_file"]:
        is_dotenv = isinstance(file, dict)
        found |= dict(dotenv) if is_dotenv else variables_in(DEPLOYMENTS / str(file))
    return found | {
        name: re.sub(r"\$\{(\w+):[^}]*\}", lambda match: dotenv[match[1]], value)
        for name, value in wanted["environment"].items()
    }


@cache
def manifests() -> list[dict[str, Any]]:
    """All Kubernetes objects, put together as they are applied."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed")
    command = [kubectl, "kustomize", "--load-restrictor", "LoadRestrictionsNone", str(KUBERNETES)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return list(yaml.safe_load_all(ended.stdout))


def pods(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The templates of all pods by their label `app`; the runs' among them."""
    kinds = [each for each in objects if each["kind"] in ("Deployment", "Job")]
    job = json.loads(TEMPLATE.read_text())["job_configuration"]["job_manifest"]
    templates = [each["spec"]["template"] for each in (*kinds, job)]
    return {each["metadata"]["labels"]["app"]: each for each in templates}


def pod_environment(
    objects: list[dict[str, Any]], app: str, secrets: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """What a pod has in its environment, with these secrets in the cluster."""
    (container,) = pods(objects)[app]["spec"]["containers"]
    settings = {
        each["metadata"]["name"]: each["data"] for each in objects if each["kind"] == "ConfigMap"
    }
    found: dict[str, str] = {}
    for source in container["envFrom"]:
        if "configMapRef" in source:
            found |= settings[source["configMapRef"]["name"]]
        else:
            found |= secrets[source["secretRef"]["name"]]
    if isinstance(container.get("env"), list):
        found |= {each["name"]: _value(each, secrets) for each in container["env"]}
    return found


def _value(entry: dict[str, Any], secrets: Mapping[str, Mapping[str, str]]) -> str:
    if "value" in entry:
        return str(entry["value"])
    reference = entry["valueFrom"]["secretKeyRef"]
    return secrets[reference["name"]][reference["key"]]


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


def connects(objects: list[dict[str, Any]], source: str, target: str, port: int) -> bool:
    """Whether the network policies let a pod open a connection to another one."""
    policies = [each["spec"] for each in objects if each["kind"] == "NetworkPolicy"]
    of_target = [each for each in policies if _selects(each["podSelector"], target)]
    return not of_target or any(
        any(allowed["port"] == port for allowed in rule["ports"])
        and any(_selects(peer["podSelector"], source) for peer in rule["from"])
        for policy in of_target
        for rule in policy.get("ingress", ())
    )


def _selects(selector: dict[str, Any], app: str) -> bool:
    """Whether a selector means the pods with a label `app`."""
    assert selector.keys() <= {"matchLabels", "matchExpressions"}
    exact = selector.get("matchLabels", {}).items()
    chosen = selector.get("matchExpressions", ())
    assert all((each["key"], each["operator"]) == ("app", "In") for each in chosen)
    return set(exact) <= {("app", app)} and all(app in each["values"] for each in chosen)
