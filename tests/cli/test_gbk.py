"""Every command on a Chinese console of old: GBK, folders with Chinese names and blanks, no encoding by default.

The program itself is copied into such a folder too. Children that commands start inherit all of it by environment. A
file that our code opens by the machine's encoding is an error; what a library does inside itself (openpyxl) is its own.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest

from hub.cli.main import hub as door

ROOT = Path(__file__).parents[2]
CODE = ("hub", "connectors", "projections", "schemas")
DAY = "2026-03-31"
WRONG = re.compile(r"Traceback|程序 文件.*EncodingWarning|HUB-G001|HUB-G520")
READY = re.compile(r'"listening"|http://127\.0\.0\.1:\d')
PHRASE = "five words that nobody guesses"
CONNECTOR = "health-patients"


class Case(NamedTuple):
    """A command with arguments that make it do its work, and how it ends; one that serves is asked to stop."""

    words: str
    exit: int = 0
    serves: bool = False


STEPS = [
    Case("demo --people 40 --quiet"),
    Case("init --home 新 装"),
    Case("config show"),
    Case("status"),
    Case("connector status"),
    Case(f"connector check {CONNECTOR}"),
    Case(f"connector preview {CONNECTOR} --rows 3"),
    Case(f"connector sql {CONNECTOR} --for dameng"),
    Case(f"connector test {CONNECTOR}", 3),
    Case(f"connector diff {CONNECTOR} {{home}}/edges/{CONNECTOR}/mapping.toml"),
    Case(f"connector sheet {CONNECTOR} --xlsx 映 射.xlsx"),
    Case("connector template stations-records --xlsx 模 板.xlsx", 3),
    Case("connector schema"),
    Case("connector run"),
    Case("connector new --from 名 册.csv --name ward --agency ward --publisher health --area 220102"),
    Case("refused list"),
    Case(f"refused show {CONNECTOR} 1"),
    Case(f"refused retry {CONNECTOR}"),
    Case(f"refused discard {CONNECTOR} 1"),
    Case("event list --limit 5"),
    Case("event show persons/0/1"),
    Case("event tail --limit 3"),
    Case("projection list"),
    Case("projection lag"),
    Case("projection show v_waiting_v1"),
    Case("projection dictionary v_waiting_v1"),
    Case("projection export v_case_v1 --to csv"),
    Case("projection diff"),
    Case("projection rebuild"),
    Case("case show {case}"),
    Case("referral list"),
    Case("referral explain {need}"),
    Case("audit trail --case {case}"),
    Case("log topics"),
    Case("log show persons --limit 3"),
    Case("log copy {home}/hub/log.db 副 本.db"),
    Case("schema list"),
    Case("schema show stations.CaseClosed"),
    Case("schema check"),
    Case("schema generate"),
    Case("schema release"),
    Case("topics plan", 3),
    Case("topics apply", 3),
    Case("topics check", 3),
    Case("worker", 3),
    Case("agency list"),
    Case("agency key health"),
    Case(f"agency add ward --agency ward --publisher health --area 220102 --key {'ab' * 32} --key-check {{check}}"),
    Case("agency invite clinic --publisher health --area 220102 --to 邀 请.invitation"),
    Case("connector join 邀 请.invitation --check {digits} --county-key {home}/edges/keys/K_edge.key "
         "--answer 答 复.answer --home 诊 所"),
    Case("agency accept 答 复.answer --check {digits}"),
    Case(f"agency rule-out {'cd' * 32} --by 主任"),
    Case("connector pack clinic-1 --to 出 去 --home 诊 所"),
    Case("ingress import 出 去", 3),
    Case("ingress answer health --to 回 来"),
    Case("connector answers clinic-1 回 来 --home 诊 所", 3),
    Case("service print --systemd"),
    Case("service print --schtasks --to 任 务"),
    Case("doctor"),
    Case("keys list"),
    Case("keys rotate hub"),
    Case("keys retire hub {key}", 3),
    Case("backup create hub --to 备 份"),
    Case("backup verify 备 份"),
    Case("backup restore 备 份 --home 别 处"),
    Case("kit build --platform linux-x86_64 --dry-run --wheels 轮 子", 3),
    Case("upgrade"),
    Case("move {home}/hub.toml"),
    Case(f"connector backfill {CONNECTOR} --dry-run"),
    Case(f"connector take {CONNECTOR} 名 册.csv", 3),
    Case("site inbox {site} --xlsx 信 箱.xlsx"),
    Case("site answer 信 箱.xlsx", 3),
    Case(f"connector studio {CONNECTOR} --port 0", serves=True),
    Case("serve --set serve.port=0 --every 1", serves=True),
    Case("gateway --set gateway.port=0", serves=True),
]  # fmt: skip


def commands(command: click.Command = door, words: tuple[str, ...] = ()) -> list[str]:
    """Every command that can be typed."""
    if not isinstance(command, click.Group):
        return [" ".join(words)]
    context = click.Context(command)
    below = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
    return [found for name, one in below if one is not None for found in commands(one, (*words, name))]


def lacking(steps: list[Case]) -> set[str]:
    """Commands that no case types."""
    return {name for name in commands() if not any(step.words.startswith(name) for step in steps)}


def test_every_command_has_a_case() -> None:
    """A new command without a case fails here; and so does one whose case is taken away."""
    assert lacking(STEPS) == set()
    assert lacking([step for step in STEPS if not step.words.startswith("doctor")]) == {"doctor"}


class Console:
    """A terminal in a folder with a Chinese name and a blank, whose program lies in another such folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, program = folder / "精康 融合 演示", folder / "程序 文件"
        for part in CODE:
            shutil.copytree(ROOT / part, program / part, ignore=shutil.ignore_patterns("__pycache__"))
        self.folder.mkdir()
        (self.folder / "轮 子").mkdir()
        (self.folder / "名 册.csv").write_bytes("证件号码,姓名,登记日期\r\n".encode("gb18030"))
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        self.environment = clean | {
            "PYTHONPATH": str(program), "PYTHONIOENCODING": "gbk", "PYTHONWARNDEFAULTENCODING": "1",
            "PYTHONWARNINGS": "always::EncodingWarning", "HUB_LANG": "zh", "HUB_HUB_CLOCK_DAY": DAY,
            "HUB_BACKUP_PASSPHRASE": PHRASE, "COLUMNS": "100", "BROWSER": "true",
        }  # fmt: skip
        self.filled: dict[str, str] = {"home": "demo"}

    def words(self, case: Case) -> list[str]:
        """As they are typed: a blank between Han characters is one of a name."""
        parts = re.split(r"(?<![\u4e00-\u9fff]) | (?![\u4e00-\u9fff])", case.words)
        return [re.sub(r"\{(\w+)\}", lambda gap: self.filled[gap[1]], part) for part in parts]

    def start(self, case: Case) -> "subprocess.Popen[bytes]":
        """A program of its own."""
        command = [sys.executable, "-m", "hub.cli.main", *self.words(case)]
        with (self.folder.parent / "out").open("wb") as out, (self.folder.parent / "err").open("wb") as err:
            return subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )

    def told(self) -> str:
        """What it said; a character that is not of GBK is an error."""
        return "".join((self.folder.parent / name).read_bytes().decode("gbk") for name in ("out", "err"))

    def type(self, case: Case) -> tuple[int, str]:
        """Exit code and output."""
        child = self.start(case)
        try:
            if case.serves:
                for _ in range(1_200):
                    if child.poll() is not None or READY.search(self.told()):
                        break
                    time.sleep(0.1)
                time.sleep(1)
                child.send_signal(signal.SIGTERM)
            return child.wait(120), self.told()
        finally:
            child.kill()

    def learn(self, case: Case, told: str) -> None:
        """What later commands need of the answer of this one."""
        if digits := re.findall(r"\d{5}(?:-\d{5}){4}", told):
            self.filled["digits"] = digits[0]
        if case.words.startswith("demo"):
            self.filled["case"] = self.json("demo --json --quiet")["example_case"]
            rows = self.json("referral list --json")
            self.filled["need"] = next(row["need_ref"] for row in rows)
            self.filled["site"] = self.json(f"referral explain {self.filled['need']} --json")["offer"]["site"]
            self.filled["check"] = next(row["key_check"] for row in self.json("connector status --json"))
            self.filled["key"] = next(row["public"] for row in self.json("keys list --json") if row["owner"] == "hub")

    def json(self, words: str) -> Any:
        """An answer for programs."""
        code, told = self.type(Case(words))
        assert code == 0, told
        return json.loads((self.folder.parent / "out").read_bytes().decode("gbk"))


@pytest.mark.slow
def test_every_command_works_on_a_gbk_console_in_a_chinese_folder(tmp_path: Path) -> None:
    """Each ends as it should, all it says is GBK, no file is opened by the machine's encoding, and nothing is a bug."""
    console = Console(tmp_path)
    wrong = []
    for case in STEPS:
        code, told = console.type(case)
        if code != case.exit or WRONG.search(told):
            wrong.append(f"{case.words}: exit {code}, not {case.exit}: {told[-300:]}")
            assert case is not STEPS[0], wrong
        else:
            console.learn(case, told)
    assert wrong == []
