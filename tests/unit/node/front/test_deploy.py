"""What `deploy/` holds fits the node: it names only measures that there are, and files that there are."""

import json
import re
from pathlib import Path

import pytest
import yaml

from hanse_node.base import bounds
from tests.conftest import ROOT
from tests.world.front import front
from tests.world.node_ledger import DEFAULTS, PARTIES, invoice

DEPLOY = ROOT / "deploy"
NAME = re.compile(r"\bhanse_[a-z_]+\b")
OPERATING = ROOT / "docs" / "operating.md"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Read the measures of a node that has done something."""
    with front(tmp_path_factory.mktemp("deploy") / "node", limits=DEFAULTS) as node:
        node.must_stand([*PARTIES, *(invoice(number) for number in range(10))])
        return node.get("/metrics").text


@pytest.fixture(scope="module")
def names(measured: str) -> set[str]:
    """Name the measures of a node."""
    return {line.split()[0].partition("{")[0] for line in measured.splitlines() if not line.startswith("#")}


def value(measured: str, name: str) -> float:
    """Find the value of a measure without labels."""
    (found,) = (line.split()[1] for line in measured.splitlines() if line.split()[0] == name)
    return float(found)


def test_the_measures_move(measured: str) -> None:
    """What a node has done is seen in them."""
    assert value(measured, "hanse_log_size_entries") == 14
    assert value(measured, "hanse_commit_duration_seconds_count") == 1
    assert value(measured, "hanse_group_size_records_sum") == 12
    assert value(measured, "hanse_ready") == 1
    assert value(measured, "hanse_database_size_bytes") > 0
    assert value(measured, "hanse_disk_free_bytes") > 0
    assert value(measured, "hanse_signature_time_seconds") > 1_000_000_000
    assert value(measured, "hanse_http_requests_in_flight") == 1
    assert 'hanse_records_total{outcome="created"} 12.0' in measured
    assert "hanse_build_info{" in measured


def test_the_dashboard_shows_what_there_is(names: set[str]) -> None:
    """Each panel asks for measures that a node has, and has a unit."""
    panels = json.loads((DEPLOY / "grafana-dashboard.json").read_bytes())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        assert panel["fieldConfig"]["defaults"]["unit"]
        for target in panel["targets"]:
            assert set(NAME.findall(target["expr"])) <= names, panel["title"]


def test_the_alerts_ask_for_what_there_is(names: set[str]) -> None:
    """Each alert asks for measures that a node has, and says what it is and what to do."""
    (group,) = yaml.safe_load((DEPLOY / "alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]:
        assert set(NAME.findall(rule["expr"])) <= names, rule["alert"]
        assert rule["annotations"].keys() == {"summary", "runbook"}
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_every_measure_is_described(measured: str) -> None:
    """The operating guide names each of them."""
    described = OPERATING.read_text("utf-8")
    told = {line.split()[2] for line in measured.splitlines() if line.startswith("# TYPE hanse_")}
    assert [name for name in sorted(told) if f"`{name}`" not in described and not name.endswith("_created")] == []


def test_the_container_copies_what_there_is() -> None:
    """Every file that goes into the image is in the project."""
    lines = (DEPLOY / "Containerfile").read_text("utf-8").splitlines()
    copied = [
        word for line in lines if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]
    ]
    assert copied
    assert [name for name in copied if not Path(ROOT / name).exists()] == []
    assert any(line.startswith("USER hanse") for line in lines)


def test_the_unit_gives_the_node_what_it_asks_for() -> None:
    """Its open files, and time to stop."""
    settings = dict(
        line.split("=", 1)
        for line in (DEPLOY / "hanse-node.service").read_text("utf-8").splitlines()
        if "=" in line and not line.startswith("#")
    )
    assert int(settings["LimitNOFILE"]) >= bounds.OPEN_FILES
    assert int(settings["TimeoutStopSec"]) > bounds.STOP_SECONDS
    assert settings["ProtectSystem"] == "strict"
    assert settings["NoNewPrivileges"] == "yes"
