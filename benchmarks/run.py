"""Run every benchmark and write what they print, with machine and date, to RESULTS.md.

python benchmarks/run.py            all of them
python benchmarks/run.py NAME …     some; the sections of the others stay as they are
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from cost import measured

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "RESULTS.md"
SCRIPTS = (
    "assess_in_5_seconds_and_600_mb",
    "drill_in_5_seconds_same_bytes",
    "ingest_speed",
    "oracles_to_one_in_a_million",
    "flusight_relative_wis",
    "city_ranking_not_below_outflow",
    "growth_signals_replayed",
    "forecasts_against_the_baseline",
    "reproduction_against_the_truth",
    "definition_change_flagged",
    "rna_fold_exact_and_fast",
    "rna_ensemble_probabilities",
    "rna_fold_beam",
    "decisions",
    "people_of_the_exercise",
    "vault",
    "vault_on_postgresql",
    "door",
    "row_security",
    "wall",
)
LIBRARIES = ("bianque", "numpy", "scipy", "pyarrow", "duckdb", "ibis-framework", "pydantic")


def main() -> int:
    wanted = sys.argv[1:] or list(SCRIPTS)
    if unknown := set(wanted) - set(SCRIPTS):
        print(f"unknown benchmark {', '.join(sorted(unknown))}; there are {', '.join(SCRIPTS)}", file=sys.stderr)
        return 2
    sections, failed = kept_sections(), []
    for name in SCRIPTS:
        if name in wanted:
            sections[name], good = section(name)
            failed += [] if good else [name]
    text = "\n".join([heading(), *(sections[name] for name in SCRIPTS if name in sections)])
    RESULTS.write_text(text, "utf-8")
    print(f"written to {RESULTS.relative_to(HERE.parent)}")
    if failed:
        print(f"a limit does not hold, or it did not run: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def section(name: str) -> tuple[str, bool]:
    """One script's part of the results, and whether its limits hold."""
    script = HERE / f"{name}.py"
    print(f"== {name}", flush=True)
    with measured() as cost:
        done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    print(done.stdout, done.stderr, sep="", end="", flush=True)
    limits = re.findall(r"^limit: (.*)$", done.stdout, re.MULTILINE)
    good = done.returncode == 0 and not any("DOES NOT HOLD" in limit for limit in limits)
    if done.returncode:
        stated = f"It ended with exit code {done.returncode}."
    elif limits:
        stated = " ".join(f"Limit: {limit}." for limit in limits)
    elif done.stdout.startswith("absent:"):
        stated = "Not run: the real data is absent."
    else:
        stated = "No limit is set: these are the figures."
    table = re.sub(r"^limit: .*\n?", "", done.stdout, flags=re.MULTILINE).rstrip()
    question = script.read_text("utf-8").split('"""')[1].split("\n\n")[0].replace("\n", " ")
    parts = [f"## {name}", "", question, "", "```", table, "```", "", stated, "", f"The whole script: {cost}.", ""]
    return "\n".join(parts), good


def kept_sections() -> dict[str, str]:
    """The sections of an earlier run."""
    if not RESULTS.exists():
        return {}
    parts = re.split(r"^## (\w+)\n", RESULTS.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {name: f"## {name}\n{body.rstrip()}\n" for name, body in zip(parts[::2], parts[1::2], strict=True)}


def heading() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    system = f"{platform.system()} {platform.machine()}; Python {platform.python_version()}; {libraries}."
    machine = f"{processor()}, {os.cpu_count()} cores, {memory_gb():.0f} GB; {system}"
    written = f"Written by `make bench` on {dt.datetime.now(tz=dt.UTC):%Y-%m-%d}. {machine}"
    return "\n".join(["# Results of the benchmarks", "", written, ""])


def processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.processor() or "unknown processor"
    found = re.search(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


def memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


if __name__ == "__main__":
    raise SystemExit(main())
