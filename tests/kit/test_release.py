"""`cs-lib release` makes a kit of what git tracks and students need: whole, the same each time, or not at all."""

import json
import os
import re
import shutil
import subprocess
import tomllib
import zipfile

import pytest

from cs_lib.course import STAYS_HOME, CourseError, assignment_names, load_assignment
from cs_lib.instructor.release import placing

FIRST = "hw1_linear_classifiers"


def contents(folder):
    """Return bytes, mode and time of each file in a folder, by its path."""
    files = (each for each in sorted(folder.rglob("*")) if each.is_file())
    return {
        each.relative_to(folder).as_posix(): (each.read_bytes(), each.stat().st_mode, each.stat().st_mtime)
        for each in files
    }


def test_a_kit_has_the_rooms_of_the_course_but_for_those_that_stay_home(released):
    names = contents(released.kit)
    assert not any(re.match(room.replace("*", "[^/]*") + "/", name) for room in STAYS_HOME for name in names)
    for assignment in map(load_assignment, assignment_names()):
        for notebook in assignment.notebooks:
            assert f"assignments/{assignment.name}/{notebook.name}.ipynb" in names
            assert f"tests/{assignment.name}/public/test_{notebook.module}.py" in names
            assert f"tests/{assignment.name}/public/records/{notebook.module}.npz" in names
        assert f"tests/{assignment.name}/conftest.py" in names
    for name in ("setup_env.sh", "requirements.txt", "pyproject.toml", "LICENSE", "README.md", "datasets/digits.npz"):
        assert name in names
    assert "No answer is in it." in released.said


def test_its_notebooks_are_stubs_without_results(released):
    for path in released.kit.glob("assignments/*/*.ipynb"):
        cells = [each for each in json.loads(path.read_text())["cells"] if each["cell_type"] == "code"]
        assert any("# YOUR CODE HERE" in "".join(each["source"]) for each in cells)
        assert all(each["outputs"] == [] and each["execution_count"] is None for each in cells)


def test_its_project_file_installs_it_and_asks_for_nothing_that_is_not_there(released):
    project = tomllib.loads((released.kit / "pyproject.toml").read_text())
    assert project.keys() == {"build-system", "project", "tool"}
    assert project["tool"].keys() == {"hatch", "pytest"}
    assert "optional-dependencies" not in project["project"]
    assert project["project"]["scripts"] == {"cs-lib": "cs_lib.cli:main"}


def test_its_readme_names_what_is_there_and_ends_with_what_to_do_next(released):
    text = (released.kit / "README.md").read_text()
    for room in re.findall(r"`((?:assignments|cs_lib|datasets|tests)/[^`]*)`", text):
        assert (released.kit / room).exists(), room
    assert all(notebook.name in text for name in assignment_names() for notebook in load_assignment(name).notebooks)
    assert "$" not in text
    last = text.strip().splitlines()[-1]
    assert last.startswith("**Next: `./setup_env.sh lab`")


def test_in_the_kit_cs_lib_has_no_instructors_commands(released):
    done = released.python("from cs_lib.cli import main; main(['--help'])")
    assert done.returncode == 0
    assert "data" in done.stdout
    assert "release" not in done.stdout
    found = released.python("import importlib.util as u; print(u.find_spec('cs_lib.reference'), *sys.path)").stdout
    assert found.startswith("None ")
    assert str(released.course.path) not in found


def test_the_zip_holds_the_same_below_a_folder_of_its_own(released, tmp_path):
    archive = released.kit.with_name("kit.zip")
    assert zipfile.ZipFile(archive).testzip() is None
    if shutil.which("unzip"):
        subprocess.run(["unzip", "-q", str(archive)], cwd=tmp_path, check=True)
        unpacked = contents(tmp_path / "kit")
        assert {name: each[:2] for name, each in unpacked.items()} == {
            name: each[:2] for name, each in contents(released.kit).items()
        }
        assert os.access(tmp_path / "kit" / "setup_env.sh", os.X_OK)
    infos = zipfile.ZipFile(archive).infolist()
    assert [each.filename for each in infos] == sorted(f"kit/{name}" for name in contents(released.kit))
    assert {each.date_time for each in infos} == {(2023, 11, 14, 22, 13, 20)}
    modes = {each.filename: each.external_attr >> 16 for each in infos}
    assert modes["kit/setup_env.sh"] == 0o100755
    assert modes["kit/README.md"] == 0o100644


def test_the_same_commit_gives_the_same_bytes_also_over_an_older_kit(released, tmp_path):
    kit = tmp_path / "out" / "kit"
    shutil.copytree(released.kit, kit)
    done = released.course.cs_lib("release", *assignment_names(), "-o", str(kit), "--zip")
    assert done.returncode == 0, done.stderr
    assert contents(kit) == contents(released.kit)
    assert kit.with_name("kit.zip").read_bytes() == released.kit.with_name("kit.zip").read_bytes()
    assert sorted(each.name for each in kit.parent.iterdir()) == ["kit", "kit.zip"]


def test_only_what_was_asked_for_and_is_tracked_and_listed_is_released(committed_course, tmp_path):
    course = committed_course
    draft = course.path / "assignments" / FIRST / "04_draft.ipynb"
    draft.write_text((draft.parent / "01_gradients.ipynb").read_text())
    (course.path / "cs_lib" / "link.py").symlink_to("reference/hinge_loss.py")
    course.commit()
    (course.path / "datasets" / "mine.npz").write_bytes(b"not tracked")
    (course.path / "LICENSE").write_text("Changed since.\n")
    done = course.cs_lib("release", FIRST, "-o", str(tmp_path / "one"))
    assert done.returncode == 0, done.stderr
    names = contents(tmp_path / "one")
    assert not any("hw2" in name for name in names)
    assert not {"datasets/mine.npz", f"assignments/{FIRST}/04_draft.ipynb", "cs_lib/link.py"} & names.keys()
    assert "It holds what is not committed yet: LICENSE\n" in done.stdout
    assert not (tmp_path / "one.zip").exists()


def refused(course, output, *more):
    before = sorted(output.parent.rglob("*"))
    done = course.cs_lib("release", FIRST, "-o", str(output), *more)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert sorted(output.parent.rglob("*")) == before
    return done.stderr


def test_a_stale_notebook_is_not_released(committed_course, tmp_path):
    notebook = committed_course.path / "assignments" / FIRST / "02_hinge_loss.ipynb"
    notebook.write_text(notebook.read_text().replace("dscores = ...", "dscores = 3"))
    (tmp_path / "out").mkdir()
    said = refused(committed_course, tmp_path / "out" / "kit")
    assert f"assignments/{FIRST}/02_hinge_loss.ipynb is stale; run cs-lib sync" in said


def test_an_answer_on_its_way_out_is_said_with_its_place_and_nothing_is_written(committed_course, tmp_path):
    (committed_course.path / "cs_lib" / "extra.py").write_text(
        "def f():\n    return 1\n\n# dscores[np.arange(N), y] = -dscores.sum(axis=1)\n"
    )
    committed_course.commit()
    (tmp_path / "out").mkdir()
    said = refused(committed_course, tmp_path / "out" / "kit", "--zip")
    assert "cs_lib/extra.py, line 4: a line of the answer to hinge_backward: 'dscores[np.arange(N), y] = -" in said


def test_a_course_that_git_does_not_know_is_a_sentence(committed_course, tmp_path):
    shutil.rmtree(committed_course.path / ".git")
    (tmp_path / "out").mkdir()
    said = refused(committed_course, tmp_path / "out" / "kit")
    assert "a release is made of what git tracks and has committed" in said


def test_an_unknown_assignment_is_a_sentence(released, tmp_path):
    done = released.course.cs_lib("release", "hw1", "-o", str(tmp_path / "kit"))
    assert done.returncode == 1
    assert "no assignment 'hw1'" in done.stderr


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda kit: (kit / "notes.txt").write_text("mine"), "notes.txt, which no release put there"),
        (lambda kit: (kit / "README.md").write_text("mine"), "README.md, which was changed since"),
        (lambda kit: (kit / "to").symlink_to("/"), "to, which no release put there"),
        (lambda kit: (kit / ".kit.json").unlink(), "something else than a kit"),
        (lambda kit: (kit / ".kit.json").write_text("[]"), "something else than a kit"),
        (lambda kit: kit.with_name("kit.zip").write_text("mine"), "kit.zip is not a kit"),
    ],
)
def test_what_no_release_wrote_is_not_overwritten(released, tmp_path, spoil, said):
    kit = tmp_path / "kit"
    shutil.copytree(released.kit, kit)
    placing.require_ours(kit, zipped=True)
    spoil(kit)
    with pytest.raises(CourseError, match=said):
        placing.require_ours(kit, zipped=True)


def test_a_file_in_the_place_of_the_folder_is_not_overwritten(tmp_path):
    (tmp_path / "kit").write_text("mine")
    with pytest.raises(CourseError, match="is not a folder"):
        placing.require_ours(tmp_path / "kit", zipped=False)
    (tmp_path / "empty").mkdir()
    placing.require_ours(tmp_path / "empty", zipped=True)
