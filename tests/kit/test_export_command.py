"""`cs-lib export --help`, and the pages of instructions: what they tell people to type is what the command takes."""

import re
import shlex
import subprocess
import sys

import pytest

from cs_lib.cli import parser
from cs_lib.instructor.exports.command import PAGES

PLACES = ["gradescope", "nbgrader", "classroom"]


@pytest.mark.parametrize("place", PLACES)
def test_help_has_an_example_and_imports_nothing_heavy(place):
    command = f"['export', '{place}', '--help']"
    code = f"import sys; from cs_lib.cli import main\ntry: main({command})\nfinally: print(sorted(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stdout
    assert f"example: cs-lib export {place} hw1_linear_classifiers -o " in " ".join(said.split())
    assert not {"'numpy'", "'pytest'", "'nbformat'", "'nbgrader'"} & set(re.findall(r"'\w+'", said))


@pytest.mark.parametrize("place", PLACES)
def test_the_commands_of_the_page_are_understood(place):
    page = (PAGES / f"{place}.md").read_text(encoding="utf-8")
    commands = re.findall(r"^ *cs-lib ((?:export|grade) .*)$", page, flags=re.MULTILINE)
    assert any(command.startswith(f"export {place} ") for command in commands)
    for command in commands:
        parser().parse_args(shlex.split(command))


def test_a_misspelt_assignment_is_a_sentence(tmp_path):
    run = [sys.executable, "-c", "import sys; from cs_lib.cli import main; sys.exit(main(sys.argv[1:]))"]
    wrong = ["export", "gradescope", "hw1_linear_clasifiers", "-o", str(tmp_path / "a.zip")]
    done = subprocess.run([*run, *wrong], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "did you mean 'hw1_linear_classifiers'?" in done.stderr
    assert list(tmp_path.iterdir()) == []
