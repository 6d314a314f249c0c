"""setup_env.sh makes, keeps and repairs the environment: run for real, against installers that only write down calls.

No test needs the network. Each runs a copy of the script in a folder with spaces in its path, with a PATH that holds
the system's small tools and a stand-in for Python, whose `-m venv` puts a stand-in pip into a real environment.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHELL_TOOLS = ("cat", "cp", "dirname", "env", "mkdir", "mv", "readlink", "rm", "sh", "uname")
TEXT_TOOLS = ("awk", "cut", "df", "grep", "sed", "tail")

# Makes the environment with the Python that runs the tests, and puts the stand-ins below into it.
PYTHON = """#!/bin/sh
case "$*" in
    *ensurepip*) exit "${ENSUREPIP_MISSING:-0}" ;;
    "-m venv "*) "$REAL_PYTHON" -m venv --without-pip "$3" && cp -R "$STANDINS/." "$3"/lib/python3.*/site-packages/
                 echo "venv" >>"$CALLS" ;;
    *) exec "$REAL_PYTHON" "$@" ;;
esac
"""
OLD_PYTHON = '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.8.1" && exit 0\nexit 1\n'

PIP = """
import json, os, pathlib, sys, sysconfig, time

calls = pathlib.Path(os.environ["CALLS"])
busy = calls.with_name("busy")
with calls.open("a") as file:
    print("pip overlaps" if busy.exists() else "pip", *sys.argv[1:], file=file)
calls.with_name("environment.json").write_text(json.dumps(dict(os.environ)))
busy.touch()
time.sleep(float(os.environ.get("PIP_TAKES", "0")))
busy.unlink()
if "PIP_FAILS" in os.environ:
    sys.exit("ERROR: " + os.environ["PIP_FAILS"])
if "--editable" in sys.argv:
    pathlib.Path(sysconfig.get_path("purelib"), "kit.pth").write_text(sys.argv[-1])
for name in ("cs-lib", "jupyter", "ruff", "mypy", "pytest"):
    program = pathlib.Path(sys.prefix, "bin", name)
    program.write_text(
        f'#!/bin/sh\\necho "{name} $* [$JUPYTER_PREFER_ENV_PATH]" >>"$CALLS"\\n'
        f'case " $FAILING " in *" {name} "*) exit 1 ;; esac\\n'
    )
    program.chmod(0o755)
"""
IPYKERNEL = """
import os, sys
with open(os.environ["CALLS"], "a") as file:
    print("ipykernel", *sys.argv[1:], file=file)
"""
# uv doing the same work as the stand-ins above.
UV = """#!/bin/sh
echo "uv $1" >>"$CALLS"
case $1 in
    venv) for last; do :; done; exec python3 -m venv "$last" ;;
    pip) python=$4; shift 4; exec "$python" -m pip install "$@" ;;
esac
"""


@dataclass
class Kit:
    """A copy of the kit in `folder`, and the `tools` that make up its whole PATH."""

    folder: Path
    tools: Path
    calls_file: Path
    variables: dict[str, str] = field(default_factory=dict)

    def add_tool(self, name: str, text: str) -> None:
        path = self.tools / name
        path.write_text(text)
        path.chmod(0o755)

    def start(self, *args: str, script: Path | None = None, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(script or self.folder / "setup_env.sh"), *args],
            env=self.variables | variables,
            cwd=self.tools,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *args: str, script: Path | None = None, **variables: str) -> tuple[int, str]:
        """Return the exit code and everything that was printed."""
        process = self.start(*args, script=script, **variables)
        output, _ = process.communicate(timeout=60)
        return process.returncode, output

    def calls(self) -> list[str]:
        """Return what was called since the last time, in order."""
        if not self.calls_file.exists():
            return []
        lines = self.calls_file.read_text().splitlines()
        self.calls_file.unlink()
        return lines


def _write_standins(folder: Path) -> None:
    for name, text in {"pip": PIP, "ipykernel": IPYKERNEL}.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
        (folder / name / "__main__.py").write_text(text)


def _write_kit(folder: Path) -> None:
    (folder / "cs_lib").mkdir(parents=True)
    (folder / "cs_lib" / "__init__.py").touch()
    (folder / "assignments").mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "cs-lib"\nversion = "1"\n')
    (folder / "requirements.txt").write_text("numpy==1.0\n")
    shutil.copy(ROOT / "setup_env.sh", folder)


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """A fresh kit on a computer that has one good Python, no uv and no network."""
    folder, tools, standins = tmp_path / "my courses" / "kit", tmp_path / "tools", tmp_path / "standins"
    _write_kit(folder)
    _write_standins(standins)
    tools.mkdir()
    for name in SHELL_TOOLS + TEXT_TOOLS:
        (tools / name).symlink_to(str(shutil.which(name)))
    # macOS keeps bash 3.2 in /bin, whatever newer one comes first on the PATH.
    (tools / "bash").symlink_to("/bin/bash" if Path("/bin/bash").exists() else str(shutil.which("bash")))
    calls_file = tmp_path / "calls"
    variables = {
        "PATH": str(tools),
        "HOME": str(tmp_path / "home"),
        "CALLS": str(calls_file),
        "STANDINS": str(standins),
        "REAL_PYTHON": sys.executable,
    }
    made = Kit(folder, tools, calls_file, variables)
    made.add_tool("python3", PYTHON)
    return made


@pytest.fixture
def installed(kit: Kit) -> Kit:
    """The same after one good installation, its calls forgotten."""
    code, output = kit.run()
    assert code == 0, output
    kit.calls()
    return kit


def installations(calls: list[str]) -> list[str]:
    """The first word of each call: what was done, in order."""
    return [call.split()[0] for call in calls]


# One full installation: the environment, the locks, cs_lib, the kernel.
FULL = ["venv", "pip", "pip", "ipykernel"]


@pytest.mark.parametrize("word", ["help", "--help", "-h"])
def test_help_explains_every_command_with_an_example(kit: Kit, word: str) -> None:
    code, output = kit.run(word)
    assert code == 0
    for expected in ("lab [ARGS]", "test [ARGS]", "./setup_env.sh lab --no-browser", "Examples"):
        assert expected in output
    assert kit.calls() == []


def test_an_unknown_command_is_named_and_exits_with_2(kit: Kit) -> None:
    code, output = kit.run("lap")
    assert code == 2
    assert "Unknown command: lap" in output
    assert kit.calls() == []


def test_a_first_run_installs_everything_and_says_what_to_do_next(kit: Kit) -> None:
    code, output = kit.run()
    assert code == 0
    assert output.rstrip().endswith("Ready. Next: ./setup_env.sh lab")
    calls = kit.calls()
    assert installations(calls) == FULL
    assert calls[1].endswith(f"install -r {kit.folder}/requirements.txt")
    assert calls[2].endswith(f"--editable {kit.folder}")


def test_the_kernel_is_registered_in_the_environment_and_the_home_folder_is_left_alone(kit: Kit) -> None:
    kit.run()
    assert kit.calls()[-1] == "ipykernel install --sys-prefix --name python3"
    assert not Path(kit.variables["HOME"]).exists()


def test_a_second_run_calls_no_installer_at_all(installed: Kit) -> None:
    code, output = installed.run()
    assert (code, installed.calls()) == (0, [])
    assert "Next: ./setup_env.sh lab" in output


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_a_changed_lock_or_project_is_installed_into_the_environment_there_is(installed: Kit, name: str) -> None:
    with (installed.folder / name).open("a") as file:
        file.write("# changed\n")
    installed.run()
    assert installations(installed.calls()) == ["pip", "pip", "ipykernel"]


def test_a_version_that_only_got_shorter_counts_as_a_change(kit: Kit) -> None:
    (kit.folder / "requirements.txt").write_text("numpy==1.10")
    kit.run()
    kit.calls()
    (kit.folder / "requirements.txt").write_text("numpy==1.1")
    kit.run()
    assert installations(kit.calls()) == ["pip", "pip", "ipykernel"]


def test_a_failed_installation_shows_its_last_lines_and_the_next_run_repairs_it(kit: Kit) -> None:
    code, output = kit.run(PIP_FAILS="no route to the index")
    assert code != 0
    assert "ERROR: no route to the index" in output
    assert "online" in output
    assert "run ./setup_env.sh again" in output
    assert "Ready" not in output
    assert installations(kit.calls()) == ["venv", "pip"]
    assert kit.run()[0] == 0
    assert installations(kit.calls()) == FULL


def test_a_full_disk_is_called_a_full_disk(kit: Kit) -> None:
    _, output = kit.run(PIP_FAILS="[Errno 28] No space left on device")
    assert "The disk is full" in output
    assert "online" not in output


def test_a_failed_update_leaves_an_environment_that_is_made_anew(installed: Kit) -> None:
    (installed.folder / "requirements.txt").write_text("numpy==2.0\n")
    installed.run(PIP_FAILS="cut off")
    (installed.folder / "requirements.txt").write_text("numpy==1.0\n")
    installed.calls()
    installed.run()
    assert installations(installed.calls()) == FULL


def start_and_wait_until_busy(kit: Kit, pip_takes: str) -> tuple[subprocess.Popen[str], Path]:
    """Return a run whose pip is at work, and the file that exists as long as it is."""
    process, busy = kit.start(PIP_TAKES=pip_takes), kit.calls_file.with_name("busy")
    while not busy.exists():
        assert process.poll() is None
        time.sleep(0.01)
    return process, busy


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_installation_that_was_stopped_is_made_anew(kit: Kit, how: signal.Signals) -> None:
    process, busy = start_and_wait_until_busy(kit, "60")
    assert process.stdout is not None
    os.killpg(process.pid, how)
    output = process.stdout.read()
    assert process.wait() != 0
    assert ("Stopped half-way" in output) == (how == signal.SIGINT)
    assert "Traceback" not in output
    busy.unlink()
    kit.calls()
    assert kit.run()[0] == 0
    assert installations(kit.calls()) == FULL


def test_an_installer_that_outlives_the_script_is_waited_for(kit: Kit) -> None:
    process, _ = start_and_wait_until_busy(kit, "0.5")
    process.kill()
    process.wait()
    assert kit.run()[0] == 0
    calls = kit.calls()
    assert installations(calls) == ["venv", "pip", *FULL]
    assert not any("overlaps" in call for call in calls)


@pytest.mark.parametrize("damage", ["dangling python", "no python", "half an environment", "a file"])
def test_a_broken_environment_is_made_anew(installed: Kit, damage: str) -> None:
    venv = installed.folder / ".venv"
    if damage in ("half an environment", "a file"):
        shutil.rmtree(venv)
        (venv / "bin").mkdir(parents=True) if damage == "half an environment" else venv.touch()
    else:
        (venv / "bin" / "python").unlink()
        if damage == "dangling python":
            (venv / "bin" / "python").symlink_to("/nowhere/python3")
    assert installed.run()[0] == 0
    assert installations(installed.calls()) == FULL


def test_a_moved_folder_gets_an_environment_of_its_own(installed: Kit) -> None:
    installed.folder = installed.folder.rename(installed.folder.with_name("moved kit"))
    assert installed.run()[0] == 0
    calls = installed.calls()
    assert installations(calls) == FULL
    assert calls[2].endswith(f"--editable {installed.folder}")


def test_two_started_at_once_take_turns_and_install_once(kit: Kit) -> None:
    processes = [kit.start(PIP_TAKES="0.3") for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    calls = kit.calls()
    assert installations(calls) == FULL
    assert not any("overlaps" in call for call in calls)


def test_it_works_from_another_folder_and_through_symbolic_links(installed: Kit, tmp_path: Path) -> None:
    (tmp_path / "first link").symlink_to(installed.folder / "setup_env.sh")
    (tmp_path / "second link").symlink_to("first link")
    code, output = installed.run(script=tmp_path / "second link")
    assert (code, installed.calls()) == (0, []), output


def test_an_old_python_is_passed_over_for_a_newer_one(kit: Kit) -> None:
    kit.add_tool("python3.13", OLD_PYTHON)
    kit.add_tool("python3.12", PYTHON)
    kit.add_tool("python3", OLD_PYTHON)
    code, output = kit.run()
    assert code == 0, output
    assert installations(kit.calls()) == FULL


def test_without_a_python_that_is_new_enough_it_says_what_it_found_and_what_to_install(kit: Kit) -> None:
    kit.add_tool("python3", OLD_PYTHON)
    code, output = kit.run()
    assert code == 1
    assert "Python 3.11 or newer" in output
    assert "Python 3.8.1" in output
    assert "Install one" in output
    assert not (kit.folder / ".venv").exists()


def test_without_any_python_it_says_so(kit: Kit) -> None:
    (kit.tools / "python3").unlink()
    code, output = kit.run()
    assert code == 1
    assert "no working python3" in output


def test_a_python_without_its_venv_module_names_the_package_that_brings_it(kit: Kit) -> None:
    code, output = kit.run(ENSUREPIP_MISSING="1")
    assert code == 1
    assert f"apt install python{sys.version_info.major}.{sys.version_info.minor}-venv" in output
    assert not (kit.folder / ".venv").exists()


def test_the_python_asked_for_is_used_or_refused_by_name(kit: Kit) -> None:
    kit.add_tool("mine", PYTHON)
    kit.add_tool("old", OLD_PYTHON)
    (kit.tools / "python3").unlink()
    code, output = kit.run(CS_LIB_PYTHON="old")
    assert code == 1
    assert "CS_LIB_PYTHON is 'old'" in output
    assert kit.run(CS_LIB_PYTHON="mine")[0] == 0


def test_uv_does_the_work_where_there_is_one(kit: Kit) -> None:
    kit.add_tool("uv", UV)
    code, output = kit.run(ENSUREPIP_MISSING="1")
    assert code == 0, output
    assert installations(kit.calls()) == ["uv", "venv", "uv", "pip", "uv", "pip", "ipykernel"]


def test_another_environments_settings_do_not_reach_the_installer_but_the_index_does(kit: Kit) -> None:
    foreign = {
        "PYTHONPATH": "/elsewhere",
        "PYTHONHOME": "/elsewhere",
        "VIRTUAL_ENV": "/elsewhere",
        "PIP_TARGET": "/elsewhere",
        "PIP_USER": "1",
    }
    kit.variables |= foreign
    code, output = kit.run(PIP_INDEX_URL="https://mirror.example/simple", PIP_REQUIRE_VIRTUALENV="1")
    assert code == 0, output
    seen = kit.calls_file.with_name("environment.json").read_text()
    assert "/elsewhere" not in seen
    assert '"PIP_USER": "0"' in seen
    assert "https://mirror.example/simple" in seen


def test_lab_opens_the_assignments_and_passes_its_arguments_on(installed: Kit) -> None:
    code, _ = installed.run("lab", "--no-browser", "--port", "8899")
    assert code == 0
    root_dir = f"--ServerApp.root_dir={installed.folder}/assignments"
    assert installed.calls() == [f"jupyter lab {root_dir} --no-browser --port 8899 [1]"]


def ssh_port(output: str) -> int:
    """Return the port that the ssh line names, which must be the same at both ends."""
    found = re.search(r"^    ssh -N -L (\d+):localhost:(\d+) \S+@\S+$", output, re.MULTILINE)
    assert found, output
    assert found[1] == found[2]
    return int(found[1])


def test_lab_without_a_browser_tells_the_ssh_line_for_a_port_that_is_free(installed: Kit) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # then somebody else has it
            taken.bind(("127.0.0.1", 8888))
            taken.listen()
        code, output = installed.run("lab", "--no-browser")
    port = ssh_port(output)
    assert (code, port > 8888) == (0, True)
    assert installed.calls()[0].endswith(f"/assignments --port={port} --no-browser [1]")


@pytest.mark.parametrize("asked", [["--port", "9999"], ["--port=9999"], ["--ServerApp.port=9999"]])
def test_lab_without_a_browser_keeps_the_port_that_was_asked_for(installed: Kit, asked: list[str]) -> None:
    _, output = installed.run("lab", "--no-browser", *asked)
    assert ssh_port(output) == 9999
    assert installed.calls()[0].endswith(f"/assignments --no-browser {' '.join(asked)} [1]")


def test_lab_with_a_browser_says_nothing_of_ssh(installed: Kit) -> None:
    assert "ssh" not in installed.run("lab")[1]


@pytest.mark.parametrize("command", ["check", "hint", "submit"])
def test_the_terminals_commands_go_to_cs_lib_and_end_with_its_exit_code(installed: Kit, command: str) -> None:
    code, _ = installed.run(command, "hinge backward", "--watch", FAILING="cs-lib")
    assert code == 1
    assert installed.calls() == [f"cs-lib {command} hinge backward --watch [1]"]


@pytest.fixture
def developers(kit: Kit) -> Kit:
    """A full checkout: the developers' lock, a notebook and its solution."""
    (kit.folder / "tests" / "kit").mkdir(parents=True)
    (kit.folder / "tests" / "kit" / "requirements.txt").write_text("mypy==1.0\n")
    (kit.folder / "assignments" / "hw1" / "solutions").mkdir(parents=True)
    for name in ("hw1/a.ipynb", "hw1/solutions/a.ipynb"):
        (kit.folder / "assignments" / name).touch()
    assert kit.run("test", "--version")[0] == 0
    kit.calls()
    return kit


def test_the_whole_suite_ends_with_pytest(developers: Kit) -> None:
    code, output = developers.run("test")
    assert code == 0
    assert developers.calls() == [
        "ruff check [1]",
        "ruff format --check [1]",
        "mypy  [1]",
        "pytest -n auto --dist loadfile --nbval assignments/hw1/solutions [1]",
        "pytest -n auto --dist loadfile --nbval-lax assignments/hw1/a.ipynb [1]",
        "pytest -n auto [1]",
    ]
    assert output.rstrip().endswith("Every step succeeded.")


def test_arguments_go_to_pytest_and_leave_the_notebooks_out(developers: Kit) -> None:
    developers.run("test", "-k", "hinge or softmax")
    assert developers.calls()[2:] == ["mypy  [1]", "pytest -k hinge or softmax [1]"]


def test_every_step_runs_after_a_failure_and_the_summary_names_each_that_failed(developers: Kit) -> None:
    code, output = developers.run("test", "-x", FAILING="mypy pytest")
    assert code == 1
    assert installations(developers.calls()) == ["ruff", "ruff", "mypy", "pytest"]
    assert output.rstrip().endswith("Failed:\n  mypy\n  pytest -x")


def test_the_developers_lock_is_installed_with_the_students_and_satisfies_both_commands(developers: Kit) -> None:
    with (developers.folder / "tests" / "kit" / "requirements.txt").open("a") as file:
        file.write("ruff==1.0\n")
    developers.run()
    assert developers.calls() == []
    developers.run("test", "-x")
    assert "requirements.txt -r" in developers.calls()[0]


def test_the_students_kit_runs_pytest_alone(installed: Kit) -> None:
    assert installed.run("test")[0] == 0
    assert installed.calls() == ["pytest  [1]"]


def test_renewing_the_locks_without_uv_says_that_it_needs_uv(kit: Kit) -> None:
    code, output = kit.run("lock")
    assert code == 1
    assert "needs uv" in output


def pins(path: Path) -> dict[str, set[str]]:
    """Return each package's locked versions; every line must be a comment or a pin."""
    found: dict[str, set[str]] = {}
    for line in path.read_text().splitlines():
        if not line.startswith("#"):
            match = re.fullmatch(r"([a-z0-9-]+)==([0-9][\w.+!]*)(?: ; .+)?", line)
            assert match, f"{path.name}: '{line}' is not a pin"
            found.setdefault(match[1], set()).add(match[2])
    return found


STUDENT_LOCK = ROOT / "requirements.txt"
DEVELOPER_LOCK = ROOT / "tests" / "kit" / "requirements.txt"


def test_the_locks_hold_every_direct_requirement_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    backend = [re.split(r"[><=]", line)[0] for line in project["build-system"]["requires"]]
    students = set(pins(STUDENT_LOCK))
    assert set(project["project"]["dependencies"]) | set(backend) <= students
    assert set(project["project"]["optional-dependencies"]["dev"]) <= students | set(pins(DEVELOPER_LOCK))


def test_no_package_is_locked_at_two_versions() -> None:
    students, developers = pins(STUDENT_LOCK), pins(DEVELOPER_LOCK)
    for name in students.keys() & developers.keys():
        assert students[name] == developers[name]


@pytest.mark.parametrize("lock", [STUDENT_LOCK, DEVELOPER_LOCK], ids=lambda path: path.parent.name)
def test_a_lock_says_how_to_renew_it_and_names_no_index_and_no_machine(lock: Path) -> None:
    text = lock.read_text()
    assert "./setup_env.sh lock" in text.split("\n", 2)[0] + text.split("\n", 2)[1]
    assert "://" not in text
    assert str(Path.home()) not in text
