"""The template for GitHub Classroom: the kit as it was released, and a workflow whose commands it can run."""

import subprocess

import pytest
import yaml

from cs_lib.cli import main
from cs_lib.course import load_assignment
from cs_lib.instructor.exports.classroom import workflow

NAMES = ["hw1_linear_classifiers", "hw2_neural_network"]


@pytest.fixture
def kit(tmp_path):
    """A folder of a kit's shape, with a `setup_env.sh` that says how it is called."""
    folder = tmp_path / "kit"
    for name in NAMES:
        (folder / "assignments" / name).mkdir(parents=True)
        (folder / "tests" / name / "public").mkdir(parents=True)
        (folder / "tests" / name / "public" / "test_it.py").write_text("")
    (folder / "requirements.txt").write_text("numpy\n")
    (folder / "setup_env.sh").write_text('#!/bin/sh\necho "called with: $*"\n')
    (folder / "setup_env.sh").chmod(0o755)
    return folder


def export(kit, template, *names):
    return main(["export", "classroom", *names, "-o", str(template), "--kit", str(kit)])


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_template_is_the_kit_and_a_workflow(kit, tmp_path, capsys):
    assert export(kit, tmp_path / "template", *NAMES) == 0
    written, given = files(tmp_path / "template"), files(kit)
    assert {name: written[name] for name in given} == given
    assert written.keys() - given.keys() == {".gitignore", ".github/workflows/check.yml"}
    assert b".venv/\n" in written[".gitignore"]
    assert "classroom.md" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_commands_of_the_workflow_run_in_the_template(kit, tmp_path):
    export(kit, tmp_path / "template", *NAMES)
    table = yaml.safe_load((tmp_path / "template" / ".github/workflows/check.yml").read_text())
    steps = table["jobs"]["check"]["steps"]
    python = next(step["with"] for step in steps if "setup-python" in step.get("uses", ""))
    assert python["cache"] == "pip"
    assert (tmp_path / "template" / python["cache-dependency-path"]).is_file()
    commands = [step["run"] for step in steps if "run" in step]
    for command in commands:
        done = subprocess.run(
            command, shell=True, cwd=tmp_path / "template", capture_output=True, text=True, check=True
        )
        for place in (word for word in done.stdout.split() if word.startswith("tests/")):
            assert (tmp_path / "template" / place / "public").is_dir()
    assert commands == ["./setup_env.sh", *(f"./setup_env.sh test -q -rN tests/{name}" for name in NAMES)]
    assert table["permissions"] == {"contents": "read"}


def test_the_workflow_names_the_steps_by_their_titles():
    steps = yaml.safe_load(workflow([load_assignment(NAMES[0])]))["jobs"]["check"]["steps"]
    assert steps[-1]["name"] == "Homework 1: linear classifiers"


@pytest.mark.parametrize("room", ["cs_lib/reference", "tests/hw1_linear_classifiers/hidden"])
def test_a_kit_with_answers_is_refused_and_nothing_is_written(kit, tmp_path, capsys, room):
    (kit / room).mkdir(parents=True)
    assert export(kit, tmp_path / "template", NAMES[0]) == 1
    assert f"the kit holds {room}, which stays home" in capsys.readouterr().err
    assert not (tmp_path / "template").exists()


def test_what_is_no_kit_or_in_the_way_is_a_sentence(kit, tmp_path, capsys):
    assert export(tmp_path, tmp_path / "template", NAMES[0]) == 1
    assert "is not a students' kit: it has no setup_env.sh" in capsys.readouterr().err
    (kit / "assignments" / NAMES[1]).rmdir()
    assert export(kit, tmp_path / "template", *NAMES) == 1
    assert f"was released without {NAMES[1]}" in capsys.readouterr().err
    assert export(kit, kit, NAMES[0]) == 1
    assert "is there already; choose another folder with -o" in capsys.readouterr().err
