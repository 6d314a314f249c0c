"""Student and solved notebooks are written from one source, and staleness is found."""

import json
import subprocess
import sys

import pytest

from cs_lib.course import CourseError, assignment_names, load_assignment
from cs_lib.instructor import notebook_file, stubs, sync

SOURCE = '''def f(scores, y):
    """Return loss and margins."""
    N = len(y)
    # BEGIN SOLUTION
    helper = scores * 2
    margins = helper + 1
    loss = margins.sum()
    # END SOLUTION
    return loss, margins'''


def test_a_stub_has_one_placeholder_for_each_name_that_the_open_code_reads():
    assert (
        stubs.stub(SOURCE)
        == '''def f(scores, y):
    """Return loss and margins."""
    N = len(y)
    # YOUR CODE HERE
    loss = ...
    margins = ...
    return loss, margins'''
    )


def test_a_solved_cell_is_whole_and_has_no_markers():
    assert stubs.solved(SOURCE).count("\n") == SOURCE.count("\n") - 2
    assert "SOLUTION" not in stubs.solved(SOURCE)


def test_what_only_another_region_reads_has_no_placeholder():
    two = SOURCE.replace(
        "    return loss, margins", "    # BEGIN SOLUTION\n    loss = loss / N\n    # END SOLUTION\n    return loss"
    )
    assert stubs.stub(two).count("# YOUR CODE HERE") == 2
    assert "margins" not in stubs.stub(two).split('"""')[2]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (SOURCE.replace("    # END SOLUTION\n", ""), "its answer should stand between"),
        (SOURCE.replace("# BEGIN SOLUTION", "#").replace("# END SOLUTION", "#"), "its answer should stand between"),
        (SOURCE.replace("loss = margins.sum()", "return 3"), "must not hold `return`"),
    ],
)
def test_a_marked_region_that_makes_no_stub_is_a_sentence(broken, said):
    with pytest.raises(CourseError, match=said):
        stubs.stub(broken)


@pytest.mark.parametrize("name", assignment_names())
def test_nothing_generated_is_stale(name):
    assert sync.stale(load_assignment(name)) == []


@pytest.mark.parametrize("name", assignment_names())
def test_no_line_of_an_answer_stands_in_a_student_notebook(name):
    assignment = load_assignment(name)
    for notebook in assignment.notebooks:
        student = notebook_file.read(assignment.folder / f"{notebook.name}.ipynb")
        text = "\n".join(notebook_file.source(cell) for cell in student["cells"])
        for exercise in notebook.exercises:
            for line in answer_lines(stubs.reference_source(notebook.module, exercise.name)):
                assert f"\n    {line}\n" not in text
        assert all(not cell.get("outputs") for cell in student["cells"])


def test_an_edited_stub_is_found_stale_and_written_again(course):
    path = course / "assignments/hw1_linear_classifiers/02_hinge_loss.ipynb"
    path.write_text(path.read_text().replace("dscores = ...", "dscores = 3"))
    checked = cs_lib(course, "sync", "--check")
    assert checked.returncode == 1
    assert "stale: assignments/hw1_linear_classifiers/02_hinge_loss.ipynb" in checked.stdout
    assert "cs-lib sync" in checked.stdout
    before = path.read_text()
    assert cs_lib(course, "sync").returncode == 0
    assert path.read_text() != before
    assert cs_lib(course, "sync", "--check").returncode == 0


def test_a_changed_reference_makes_the_solved_notebook_stale(course):
    reference = course / "cs_lib/reference/hinge_loss.py"
    reference.write_text(reference.read_text().replace("loss = (C - 1) * delta", "loss = delta * (C - 1)"))
    checked = cs_lib(course, "sync", "--check")
    assert checked.stdout.splitlines()[0] == "stale: assignments/hw1_linear_classifiers/solutions/02_hinge_loss.ipynb"


def test_an_exercise_without_a_cell_is_a_sentence(course):
    path = course / "assignments/hw1_linear_classifiers/02_hinge_loss.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"] = [cell for cell in notebook["cells"] if "def hinge_forward" not in "".join(cell["source"])]
    path.write_text(json.dumps(notebook))
    failed = cs_lib(course, "sync", "--check")
    assert failed.returncode == 1
    assert "no code cell defines hinge_forward" in failed.stderr
    assert "Traceback" not in failed.stderr


def answer_lines(source):
    inside, lines = False, []
    for line in map(str.strip, source.split("\n")):
        if line in (stubs.BEGIN, stubs.END):
            inside = line == stubs.BEGIN
        elif inside and len(line) > 8:
            lines.append(line)
    return lines


def cs_lib(course, *arguments):
    command = [sys.executable, "-c", "import sys; from cs_lib.cli import main; sys.exit(main())", *arguments]
    return subprocess.run(command, cwd=course, capture_output=True, text=True, check=False)
