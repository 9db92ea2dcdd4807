"""What must hold of `docker-compose.yml` and of the files that it names; each law takes what it judges."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from hub.cli.main import hub as command
from hub.config import VARIABLES
from hub.telemetry.metrics import COUNTERS, DURATIONS, LEVELS, Observer

ROOT = Path(__file__).parents[2]
HERE = ROOT / "docs" / "deploy"
PROFILES = {"core", "kafka", "kafka3", "observe"}
ONCE = {"init", "init-kafka"}
_PINNED = re.compile(r"[a-z0-9./-]+:v?[0-9]+(\.[0-9]+)+[a-z0-9.-]*(@sha256:[0-9a-f]{64})?")
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(:?-[^}]*)?\}")
_METRIC = re.compile(r"\b(?:hub_[a-z_]+|up)\b")
_OURS = {f"HUB_{word}" for word in ("HOME", "LANG")}


def compose() -> dict[str, Any]:
    """The compose file, its anchors resolved."""
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def law_pinned(file: dict[str, Any], dockerfile: str) -> None:
    """Every image has an exact version."""
    images = [service["image"] for service in file["services"].values()]
    images += re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    for image in images:
        assert _PINNED.fullmatch(image), image


def law_nobody_is_root(file: dict[str, Any], dockerfile: str) -> None:
    """Every service runs as a numbered user that is not root, without capabilities; so does the image by itself."""
    for name, service in file["services"].items():
        user = str(service.get("user", "0")).split(":")
        assert all(part.isdigit() and int(part) > 0 for part in user), name
        assert service.get("cap_drop") == ["ALL"], name
        assert "no-new-privileges:true" in service.get("security_opt", ()), name
    users = re.findall(r"^USER (\d+)", dockerfile, re.MULTILINE)
    assert users
    assert int(users[-1]) > 0


def law_healthy(file: dict[str, Any], dockerfile: str) -> None:
    """What goes on running says whether it is well, and who waits for it waits for that."""
    for name, service in file["services"].items():
        if name not in ONCE:
            assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL"), name
            assert service["restart"] == "unless-stopped", name
        for other, how in service.get("depends_on", {}).items():
            assert other in file["services"], other
            wanted = "service_completed_successfully" if other in ONCE else "service_healthy"
            assert how["condition"] == wanted, (name, other)
    assert "HEALTHCHECK" in dockerfile


def law_profiles(file: dict[str, Any]) -> None:
    """Every service belongs to profiles, whatever a service needs is in each of them, and nothing starts unasked."""
    services = file["services"]
    found = {profile for service in services.values() for profile in service["profiles"]}
    assert found == PROFILES
    for name, service in services.items():
        for profile in service["profiles"]:
            for other, how in service.get("depends_on", {}).items():
                assert profile in services[other]["profiles"] or how.get("required") is False, (name, other)


def law_secrets(file: dict[str, Any], text: str) -> None:
    """Passwords are files that `secrets.sh` makes and git ignores; none stands in the file or in a variable."""
    script = (HERE / "secrets.sh").read_text(encoding="utf-8")
    for name, secret in file["secrets"].items():
        assert set(secret) == {"file"}, name
        path = ROOT / secret["file"]
        assert path.parent == HERE / "secrets", name
        assert path.name in script, name
    assert "/docs/deploy/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8")
    for name, value in _environment(file):
        if re.search("PASSWORD|SECRET|TOKEN", name):
            assert name.removesuffix("__FILE").removesuffix("_FILE") != name, name
            assert value.startswith("/run/secrets/"), name
            assert value.removeprefix("/run/secrets/") in file["secrets"], name
    assert not re.search(r"://[^/\s:]+:[^@\s/]+@", text)


def law_paths(file: dict[str, Any], dockerfile: str) -> None:
    """Every path of this folder that is mounted, built from or copied is there, and every volume is declared."""
    used = set()
    for service in file["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).exists(), source
            else:
                used.add(source)
        if "build" in service:
            assert (ROOT / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    assert used == set(file["volumes"])
    for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source


def law_variables(file: dict[str, Any], text: str) -> None:
    """Variables have a value unless set and are explained; those of the hub are settings that there are."""
    told = (HERE / "README.md").read_text(encoding="utf-8")
    for name, otherwise in _VARIABLE.findall(text):
        assert otherwise, name
        assert f"`{name}`" in told, name
    for name, _value in _environment(file):
        if name.startswith("HUB_"):
            assert name in VARIABLES or name in _OURS, name


def law_commands(file: dict[str, Any]) -> None:
    """Every command is a word of the hub with options that it has."""
    for name, service in file["services"].items():
        if "rehab-exchange-hub" not in service["image"]:
            continue
        words = service["command"]
        lines = [words] if "entrypoint" not in service else [one.split()[1:] for one in words[0].split("&&")]
        for line in lines:
            _known(name, line)


def law_metrics(expressions: list[str]) -> None:
    """Alerts and dashboards ask only for metrics that the hub exports."""
    observer = Observer()
    exported = {"up"}
    for family in observer._registry.collect():
        kind = family.type
        exported |= {family.name, f"{family.name}_total"} if kind == "counter" else {family.name}
        if kind == "histogram":
            exported |= {f"{family.name}_{part}" for part in ("bucket", "sum", "count")}
    assert expressions
    for expression in expressions:
        asked = set(_METRIC.findall(re.sub(r'"[^"]*"', "", expression)))
        assert asked, expression
        assert asked <= exported, asked - exported
        assert expression.count("(") == expression.count(")"), expression


def labels() -> dict[str, set[str]]:
    """The labels of every metric, by the name under which the hub declares it."""
    declared = {f"hub_{name}_total": set(names) for name, (_, names) in COUNTERS.items()}
    declared |= {f"hub_{name}_records": set(names) for name, (_, names) in LEVELS.items()}
    declared |= {f"hub_{name}_seconds": set(names) for name, (_, names) in DURATIONS.items()}
    days = {name: {"publisher", "type"} for name in ("hub_late_working_days", "hub_certificate_days")}
    return declared | days | {"hub_reasons": {"code"}, "hub_untaken_since_seconds": {"type"}}


def law_labels(expression: str, shown: str) -> None:
    """A rule or panel groups, selects and shows only by labels that its metric has."""
    (metric,) = set(_METRIC.findall(expression)) - {"hub"}
    known = {"instance", "job", "le"} | labels().get(metric.removesuffix("_bucket"), set())
    grouped = {name.strip() for names in re.findall(r"by \(([^)]*)\)", expression) for name in names.split(",")}
    chosen = set(re.findall(r"[{,]\s*([a-z_]+)\s*(?:=|!=)", expression))
    told = set(re.findall(r"{{\s*(?:\$labels\.)?([a-z_]+)\s*}}", shown))
    assert grouped | chosen | told <= known, (expression, shown)
    if grouped:
        assert told <= grouped, (expression, shown)


def law_told(page: str) -> None:
    """The page has a line for every metric, with its labels, and for no other."""
    found = re.findall(r"^\| `(hub_[a-z_]+)` \| ([^|]*) \|", page, re.MULTILINE)
    assert {metric: set(re.findall(r"`([a-z]+)`", names)) for metric, names in found} == labels()


def asked() -> list[tuple[str, str]]:
    """Every expression of alert rules and dashboards, with the text in which its labels are shown."""
    rules = yaml.safe_load((HERE / "alerts.yml").read_text(encoding="utf-8"))
    board = json.loads((HERE / "grafana/dashboards/hub.json").read_text(encoding="utf-8"))
    found = [(rule["expr"], rule["annotations"]["summary"]) for group in rules["groups"] for rule in group["rules"]]
    return found + [(each["expr"], each["legendFormat"]) for panel in board["panels"] for each in panel["targets"]]


def _environment(file: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for service in file["services"].values():
        for name, value in service.get("environment", {}).items():
            yield name, str(value)


def _known(service: str, line: list[str]) -> None:
    group: Any = command
    context = None
    words = list(line)
    while words and hasattr(group, "get_command"):
        context = context or __import__("click").Context(group)
        found = group.get_command(context, words[0])
        assert found is not None, (service, words[0])
        group, words = found, words[1:]
    options = {option for each in group.params for option in (*each.opts, *each.secondary_opts)}
    for word in words:
        if word.startswith("--"):
            assert word in options, (service, word)
