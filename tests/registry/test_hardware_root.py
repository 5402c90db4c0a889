"""The root key in a hardware module: SoftHSM 2 in the place of one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from bianque.model.errors import BadRegister
from bianque.registry import escrow, hardware_root
from bianque.registry.register import Register, create, open_register

PIN = "7391-5520"
TOKEN = "health bureau"


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A SoftHSM module with one token. It reads its settings once a process, when it is loaded first."""
    found = [*Path("/usr/lib").glob("softhsm/libsofthsm2.so"), *Path("/usr/lib").glob("*/softhsm/libsofthsm2.so")]
    if not found or not shutil.which("softhsm2-util"):
        pytest.skip("no SoftHSM 2 on this machine: apt-get install softhsm2")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        words = ["softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", "9911-0042"]
        subprocess.run(words, check=True, capture_output=True)
        pkcs11 = pytest.importorskip("pkcs11")
        pkcs11.lib(str(found[0]))
    return str(found[0])


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    monkeypatch.setenv(hardware_root.PIN, PIN)
    register = create(tmp_path / "register")
    register.close()
    return register


def test_a_root_key_moved_into_a_module_opens_the_register_and_lies_nowhere_else(
    module: str, register: Register
) -> None:
    secret = register.root.secret
    hardware_root.move_in(register.at_rest, register.root, module, TOKEN)
    assert not (register.at_rest / "root.key").exists()
    assert (register.at_rest / "root.pkcs11").stat().st_mode & 0o077 == 0
    again = open_register(register.at_rest)
    assert again.root.secret == secret
    again.close()
    for path in register.at_rest.iterdir():
        assert secret not in path.read_bytes()
        assert secret.hex().encode() not in path.read_bytes()


def test_it_is_moved_in_once(module: str, register: Register) -> None:
    hardware_root.move_in(register.at_rest, register.root, module, TOKEN)
    with pytest.raises(BadRegister, match="in a hardware module already"):
        hardware_root.move_in(register.at_rest, register.root, module, TOKEN)


@pytest.mark.parametrize("wrong", ["pin", "no pin", "token", "module", "key", "sealed", "file"])
def test_whatever_is_missing_is_named(
    wrong: str, module: str, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    hardware_root.move_in(register.at_rest, register.root, module, TOKEN)
    path = register.at_rest / "root.pkcs11"
    text = path.read_text()
    says = {
        "pin": "refuses the PIN",
        "no pin": "PIN of token health bureau is missing",
        "token": "has no token elsewhere",
        "module": "the module cannot be loaded",
        "key": "has no key 'lost",
        "sealed": "does not open the root key",
        "file": "no sealed root key",
    }[wrong]
    if wrong == "pin":
        monkeypatch.setenv(hardware_root.PIN, "0000-1111")
    elif wrong == "no pin":
        monkeypatch.delenv(hardware_root.PIN)
    else:
        last = text.rindex('"')
        path.write_text(
            {
                "token": text.replace(TOKEN, "elsewhere"),
                "module": text.replace(module, "/nowhere/module.so"),
                "key": text.replace('"bianque ', '"lost '),
                "sealed": text[: last - 2] + ("00" if text[last - 2 : last] != "00" else "11") + text[last:],
                "file": "{",
            }[wrong]
        )
    with pytest.raises(BadRegister, match=says) as raised:
        open_register(register.at_rest)
    assert PIN not in raised.value.diagnostics()
    assert raised.value.remedy


def test_with_the_module_lost_the_root_key_from_the_escrow_opens_the_register(module: str, register: Register) -> None:
    keys = escrow.keys_of(register.at_rest, register.root)
    hardware_root.move_in(register.at_rest, register.root, module, TOKEN)
    (register.at_rest / "root.pkcs11").write_text("{}")
    escrow.put_back(keys, register.at_rest)
    again = open_register(register.at_rest)
    assert again.root.secret == keys.root.secret
    again.close()
