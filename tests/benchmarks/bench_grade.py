"""How fast a class is graded: `cs-lib grade`, `nbgrader autograde` and `otter run` on the same answers, in one run.

    python tests/benchmarks/bench_grade.py --otter PYTHON [--nbgrader PYTHON] [--students 50]

PYTHON is the interpreter of an environment with otter-grader (7.0) and NumPy, or with nbgrader (0.9) and NumPy; a
virtual environment of its own is best for otter-grader, which shares no versions with the course's lock:

    python -m venv /tmp/otter && /tmp/otter/bin/pip install otter-grader numpy

nbgrader is looked for where this runs. What is not there is left out, and said.

A notebook of six small exercises, two public and two hidden tests each. All three tools compare the same calls with the
same right values to the same tolerance, all points of an exercise or none; that their marks agree is asserted. The
students are right, have one or two of the known mistakes, or have not begun half of the exercises. What is timed is the
whole command from its start to its last file, reports and diagnosis included where there are any: for otter, one
command for each submission, because it takes no more. Only cs-lib's puts submissions into a sandbox, and uses all
cores; its time with one job stands beside it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

import numpy as np

from cs_lib.checking import catalogue
from cs_lib.course import ROOT, find_exercise
from cs_lib.instructor import notebook_file, stubs

EXERCISES = ("predict_labels", "score_differences", "hinge_forward", "hinge_backward", "softmax", "cross_entropy")
SIZES = {"public": ((6, 4), (3, 5)), "hidden": ((7, 3), (2, 6))}
"""(N, C) of the problems."""
TOLERANCE = 1e-7
TEST = '''import numpy as np
from cs_lib.checking import assert_matches, exercise

{problems}

@exercise("{name}")
def test_{name}_0(student, reference):
    """It is right on the first problem."""
    assert_matches(student.{name}, reference.{name}, *PROBLEMS[0])


@exercise("{name}")
def test_{name}_1(student, reference):
    """It is right on the second problem."""
    assert_matches(student.{name}, reference.{name}, *PROBLEMS[1])
'''


def arguments(name, N, C):
    """Return the arguments of a call, the same every time."""
    rng = np.random.default_rng(N * 10 + C)
    scores, y = rng.normal(size=(N, C)), rng.integers(0, C, size=N)
    probs = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    margins = np.maximum(0, scores - scores[np.arange(N), y][:, np.newaxis] + 1)
    margins[np.arange(N), y] = 0
    return {
        "predict_labels": (scores,),
        "score_differences": (scores, scores[np.arange(N), y]),
        "hinge_forward": (scores, y),
        "hinge_backward": (margins, y),
        "softmax": (scores,),
        "cross_entropy": (probs, y),
    }[name]


def right(name):
    return getattr(catalogue.reference_module(find_exercise(name)), name)


def literal(value):
    """Return Python that makes the value, to the last bit."""
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))},)"
    return f"np.array({value.tolist()!r})" if isinstance(value, np.ndarray) else repr(float(value))


def comparisons(name, room):
    """Return one line for each test of a room: true where the function of the notebook answers rightly."""
    for N, C in SIZES[room]:
        args = arguments(name, N, C)
        expected = right(name)(*args)
        call = f"{name}(*{literal(args)})"
        compare = f"rtol={TOLERANCE}, atol={TOLERANCE}"
        if isinstance(expected, tuple):
            yield f"all(np.allclose(a, b, {compare}) for a, b in zip({call}, {literal(expected)}, strict=True))"
        else:
            yield f"np.allclose({call}, {literal(np.asarray(expected))}, {compare})"


def students(count):
    """Return, for each student, the source of each exercise."""
    rng = np.random.default_rng(0)
    answer = {name: stubs.reference_source(find_exercise(name).notebook[3:], name) for name in EXERCISES}
    class_ = []
    for i in range(count):
        wrote = {name: stubs.solved(source) for name, source in answer.items()}
        if i % 5 == 1:
            wrote |= {name: stubs.stub(answer[name]) for name in EXERCISES[3:]}
        elif i % 5:
            for name in rng.choice(EXERCISES, size=1 + i % 2, replace=False):
                known = catalogue.entries(find_exercise(name))
                mistake = known[int(rng.integers(len(known)))]
                wrote[name] = stubs.solved(catalogue.wrong_source(find_exercise(name), [mistake]).rstrip())
        class_.append(wrote)
    return class_


def cell(source, **metadata):
    return notebook_file.with_source({"cell_type": "code", "metadata": metadata, "id": ""}, source)


def notebook(cells):
    return notebook_file.text(
        {
            "cells": notebook_file.numbered_ids(cells),
            "metadata": {
                "kernelspec": notebook_file.KERNEL,
                "language_info": notebook_file.LANGUAGE,
                "cs_lib": {"assignment": "six", "notebook": "01_six"},
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def run(*command, cwd, **environment):
    done = subprocess.run(
        [str(each) for each in command],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command} failed:\n{done.stderr[-3000:]}")
    return done.stdout


class CsLib:
    """A course with the one assignment, graded by `cs-lib grade`."""

    def __init__(self, folder, class_, jobs=None):
        self.folder, self.options = folder, ["--jobs", jobs] if jobs else []
        self.name = "cs-lib grade" + (f" --jobs {jobs}" if jobs else "")
        shutil.copytree(
            ROOT / "cs_lib", folder / "cs_lib", ignore=shutil.ignore_patterns("__pycache__", "reference"), symlinks=True
        )
        shutil.copy(ROOT / "pyproject.toml", folder)
        self._write_assignment()
        for i, wrote in enumerate(class_):
            cells = [cell("import numpy as np"), *map(cell, wrote.values())]
            write(folder / f"submissions/s{i:03d}.ipynb", notebook(cells))

    def _write_assignment(self):
        reference, entries = [], []
        for name in EXERCISES:
            module = find_exercise(name).notebook[3:]
            reference.append(stubs.reference_source(module, name))
            table = tomllib.loads((ROOT / f"cs_lib/reference/{module}.toml").read_text(encoding="utf-8"))
            entries += [each for each in table["misconceptions"] if each["exercise"] == name]
        lines = [
            "[[misconceptions]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in each.items()) for each in entries
        ]
        write(self.folder / "cs_lib/reference/__init__.py", "")
        write(self.folder / "cs_lib/reference/six.py", "\n\n\n".join(["import numpy as np", *reference]) + "\n")
        write(self.folder / "cs_lib/reference/six.toml", "\n".join(lines))
        toml = ['title = "Six"', "[[notebooks]]", 'name = "01_six"', 'title = "Six"']
        for name in EXERCISES:
            toml += ["[[notebooks.exercises]]", f'name = "{name}"', "points = 1", 'hint = "Look again."']
        write(self.folder / "assignments/six/assignment.toml", "\n".join(toml))
        untouched = [cell("import numpy as np"), *(cell(stubs.stub(source)) for source in reference)]
        write(self.folder / "assignments/six/01_six.ipynb", notebook(untouched))
        for room, sizes in SIZES.items():
            tests = []
            for name in EXERCISES:
                problems = ", ".join(literal(arguments(name, *size)) for size in sizes)
                tests.append(
                    TEST.format(name=name, problems=f"{name.upper()} = [{problems}]").replace("PROBLEMS", name.upper())
                )
            write(self.folder / f"tests/six/{room}/test_six.py", "\n\n".join(tests))

    def grade(self):
        code = "import sys; from cs_lib.cli import main; sys.exit(main(sys.argv[1:]))"
        run(sys.executable, "-c", code, "grade", "six", "submissions", "-o", "grades", *self.options, cwd=self.folder)

    def marks(self):
        tables = [json.loads(path.read_text()) for path in sorted((self.folder / "grades/results").glob("*.json"))]
        return [{each["name"]: each["points"] for each in table["exercises"]} for table in tables]


class NbGrader:
    """An nbgrader course with the same notebook: a cell for each exercise, and one that gives its point."""

    name = "nbgrader autograde"
    MARKS = """
import json
from nbgrader.api import Gradebook

with Gradebook("sqlite:///gradebook.db") as book:
    found = {each.student.id: each for each in book.assignment_submissions("six")}
    print(json.dumps([
        {grade.cell.name.removeprefix("test-"): grade.auto_score for grade in found[name].notebooks[0].grades}
        for name in sorted(found)
    ]))
"""

    def __init__(self, folder, class_, python):
        self.folder, self.python = folder, python
        answers = {name: stubs.reference_source(find_exercise(name).notebook[3:], name) for name in EXERCISES}
        source = {
            name: stubs.with_markers(text, "### BEGIN SOLUTION", "### END SOLUTION") for name, text in answers.items()
        }
        write(folder / "source/six/01_six.ipynb", notebook(self._cells(source)))
        run(python, "-m", "nbgrader", "generate_assignment", "six", cwd=folder)
        released = notebook_file.read(folder / "release/six/01_six.ipynb")
        for i, wrote in enumerate(class_):
            cells = []
            for each in released["cells"]:
                name = each["metadata"].get("nbgrader", {}).get("grade_id")
                cells.append({**each, "source": wrote[name].splitlines(keepends=True)} if name in wrote else each)
            write(folder / f"submitted/s{i:03d}/six/01_six.ipynb", notebook_file.text({**released, "cells": cells}))

    @staticmethod
    def _cells(source):
        cells = [cell("import numpy as np")]
        for name, text in source.items():
            kind = {"schema_version": 3, "task": False}
            cells.append(
                cell(text, nbgrader=kind | {"grade_id": name, "solution": True, "grade": False, "locked": False})
            )
            public, hidden = ([f"assert {each}" for each in comparisons(name, room)] for room in SIZES)
            tests = [*public, "### BEGIN HIDDEN TESTS", *hidden, "### END HIDDEN TESTS"]
            given = {"grade_id": f"test-{name}", "solution": False, "grade": True, "locked": True, "points": 1}
            cells.append(cell("\n".join(tests), nbgrader=kind | given))
        return cells

    def grade(self):
        run(self.python, "-m", "nbgrader", "autograde", "six", cwd=self.folder)

    def marks(self):
        return json.loads(run(self.python, "-c", self.MARKS, cwd=self.folder))


class Otter:
    """An autograder of otter's with a test file for each exercise, run on one submission after another."""

    name = "otter run"

    def __init__(self, folder, class_, python):
        self.folder, self.otter, self.count = folder, Path(python).parent / "otter", len(class_)
        for name in EXERCISES:
            cases = [
                {"code": f">>> bool({each})\nTrue", "hidden": room == "hidden", "locked": False}
                for room in SIZES
                for each in comparisons(name, room)
            ]
            suite = {"cases": cases, "scored": True, "setup": "", "teardown": "", "type": "doctest"}
            test = {"name": name, "points": 1, "all_or_nothing": True, "suites": [suite]}
            write(folder / f"tests/{name}.py", f"OK_FORMAT = True\n\ntest = {test!r}\n")
        run(self.otter, "generate", "-t", "tests", "-o", "autograder.zip", "--no-requirements", cwd=folder)
        for i, wrote in enumerate(class_):
            cells = [cell("import numpy as np"), *map(cell, wrote.values())]
            write(folder / f"submissions/s{i:03d}.ipynb", notebook(cells))

    def grade(self):
        for i in range(self.count):
            (self.folder / f"results/{i:03d}").mkdir(parents=True)
            options = ["--no-logo", "-a", "autograder.zip", "-o", f"results/{i:03d}"]
            path = f"{self.otter.parent}{os.pathsep}{os.environ['PATH']}"
            run(self.otter, "run", *options, f"submissions/s{i:03d}.ipynb", cwd=self.folder, PATH=path)

    def marks(self):
        tables = [json.loads(path.read_text()) for path in sorted(self.folder.glob("results/*/results.json"))]
        return [{name: _otter_score(table, name) for name in EXERCISES} for table in tables]


def _otter_score(table, name):
    return sum(test.get("score", 0) for test in table["tests"] if test["name"].split(" ")[0] == name)


def contenders(folder, class_, options):
    """Return whoever grades the class, each in a folder of its own; say who is left out."""
    found = [CsLib(folder / "cs_lib", class_), CsLib(folder / "cs_lib_1", class_, jobs=1)]
    if subprocess.run([options.nbgrader, "-c", "import nbgrader"], capture_output=True, check=False).returncode:
        print(f"left out: nbgrader, which {options.nbgrader} does not have")
    else:
        found.append(NbGrader(folder / "nbgrader", class_, options.nbgrader))
    if options.otter:
        found.append(Otter(folder / "otter", class_, options.otter))
    else:
        print("left out: otter; say --otter PYTHON")
    return found


def timed(contender, count):
    """Let a contender grade, print how long it took, and return submissions a second."""
    start = time.perf_counter()
    contender.grade()
    seconds = time.perf_counter() - start
    print(f"{contender.name:24} {seconds:8.1f} s {count / seconds:8.2f} submissions a second", flush=True)
    return count / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=50)
    parser.add_argument("--nbgrader", metavar="PYTHON", default=sys.executable)
    parser.add_argument("--otter", metavar="PYTHON")
    options = parser.parse_args()
    class_ = students(options.students)
    with tempfile.TemporaryDirectory(prefix="bench-grade-") as folder:
        all_ = contenders(Path(folder), class_, options)
        rates = {each.name: timed(each, len(class_)) for each in all_}
        wanted, *others = [each.marks() for each in all_]
    for contender, marks in zip(all_[1:], others, strict=True):
        assert marks == wanted, f"{contender.name} gives other marks"
    scores = sorted(sum(marks.values()) for marks in wanted)
    tests = len(EXERCISES) * sum(map(len, SIZES.values()))
    print(
        f"{len(class_)} submissions, {len(EXERCISES)} exercises, {tests} tests; all agree: {scores[0]} to {scores[-1]}"
    )
    for each in all_[2:]:
        ratios = [f"{rates[ours.name] / rates[each.name]:.1f} x ({ours.name})" for ours in all_[:2]]
        print(f"beside {each.name}: {', '.join(ratios)}")


if __name__ == "__main__":
    main()
