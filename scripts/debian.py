"""Debian's packages that tests need and pip does not have: installed when we are root and they are missing.

Chromium and a Chinese font for the tests that look at pages; SoftHSM 2, a hardware module in software, for those of the
root key. Where that cannot be done it says so, and those tests skip.
"""

from __future__ import annotations

import os
import shutil
import subprocess


def missing() -> list[str]:
    """Debian packages still needed."""
    needed = [
        name for command, name in (("chromium", "chromium"), ("softhsm2-util", "softhsm2")) if not shutil.which(command)
    ]
    listed = ""
    if shutil.which("fc-list"):
        listed = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False).stdout
    return needed if listed.strip() else [*needed, "fonts-noto-cjk"]


def main() -> None:
    needed = missing()
    if not needed:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"some tests will be skipped, or pages lack a Chinese font: install {' and '.join(needed)}")
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *needed]]
    for command in commands:
        done = subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)
        if done.returncode:
            print(f"{' '.join(command)} failed: the tests that need them will be skipped")
            return


if __name__ == "__main__":
    main()
