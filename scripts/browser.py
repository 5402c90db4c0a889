"""Debian's Chromium and a Chinese font for the browser tests: installed when we are root and they are missing.

Where that cannot be done it says so, and the browser tests skip.
"""

from __future__ import annotations

import os
import shutil
import subprocess


def missing() -> list[str]:
    """Debian packages still needed."""
    needed = [] if shutil.which("chromium") else ["chromium"]
    listed = ""
    if shutil.which("fc-list"):
        listed = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False).stdout
    return needed if listed.strip() else [*needed, "fonts-noto-cjk"]


def main() -> None:
    needed = missing()
    if not needed:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"browser tests will be skipped or have no Chinese font: install {' and '.join(needed)}")
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *needed]]
    for command in commands:
        done = subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)
        if done.returncode:
            print(f"{' '.join(command)} failed: the browser tests will be skipped")
            return


if __name__ == "__main__":
    main()
