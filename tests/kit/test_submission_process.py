"""A submission's process answers calls, and whatever it does instead costs itself alone.

Every hostile sample is bounded, so that it does no harm where the defence is missing.
"""

import os
import sys
import time

import numpy as np
import pytest

from cs_lib.submission.notebook import Cell
from cs_lib.submission.outcomes import Crashed, NotStarted, TimedOut
from cs_lib.submission.process import SubmissionProcess, open_library
from cs_lib.submission.slicing import slice_cells
from cs_lib.submission.wire import Foreign


@pytest.fixture
def submitted():
    """Start the process of a submission with the given cells and the function f."""
    processes = []

    def start(*sources, stages=None, seconds=2.0, wanted="f"):
        cells = [Cell(i, source) for i, source in enumerate(sources, start=1)]
        processes.append(SubmissionProcess(slice_cells(cells, {wanted}), stages, seconds))
        return processes[-1]

    yield start
    for process in processes:
        process.close()


def f(body, *, signature="x"):
    return f"import os, sys, time\nimport numpy as np\ndef f({signature}):\n    {body}"


def test_a_function_answers_with_plain_values(submitted):
    answer = submitted(f("return x.sum(), x > 1, {'n': len(x)}, ...")).call("f", [np.arange(3.0)], {})
    total, mask, size, dots = answer.value
    assert (float(total), mask.tolist(), size, dots) == (3.0, [False, False, True], {"n": 3}, ...)


def test_each_call_gets_fresh_copies_and_says_which_it_changed(submitted):
    process = submitted(f("x += 1; return x"))
    x = np.zeros(3)
    assert process.call("f", [x], {}).changed == ("0",)
    assert process.call("f", [x], {}).value.tolist() == [1, 1, 1]
    assert x.tolist() == [0, 0, 0]


def test_keywords_and_functions_are_arguments_too(submitted):
    process = submitted(f("return g(x) + g(x=2 * x) + shift", signature="g, x, shift=0"))
    assert process.call("f", [lambda x: 10 * x, 3], {"shift": 1}).value == 91


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return 1 / 0", "f raised ZeroDivisionError: division by zero (line 4 of code cell 1: return 1 / 0)"),
        ("sys.exit(0)", "f raised SystemExit"),
        ("raise KeyboardInterrupt", "f raised KeyboardInterrupt"),
        ("return f(x)", "f raised RecursionError"),
        ("os._exit(0)", "f ended its process"),
        ("os.kill(os.getpid(), 9)", "f ended its process"),
        ("import ctypes; ctypes.string_at(0)", "f ended its process"),
        ("[os.close(i) for i in range(3, 64) if not os.set_inheritable(i, True)]", "f"),
        ("os.closerange(3, 64)", "f"),
        ("[os.write(i, b'x' * 10**6) for i in range(3, 64) if is_pipe(i)]", "f"),
        ("class E(Exception):\n        def __str__(self): raise self\n    raise E", "f raised E"),
        ("import cs_lib.reference", "f raised ModuleNotFoundError"),
        ("import cs_lib.instructor", "f raised ModuleNotFoundError"),
    ],
)
def test_a_call_that_fails_is_a_crash_with_its_reason(submitted, body, said):
    process = submitted(
        f(body) + "\ndef is_pipe(i):\n    try:\n        return os.fstat(i).st_mode & 0o170000 == 0o010000\n"
        "    except OSError:\n        return False"
    )
    with pytest.raises(Crashed) as crash:
        process.call("f", [3], {})
    assert str(crash.value).startswith(said)


@pytest.mark.parametrize("body", ["while True: pass", "time.sleep(60)", "sys.stdin.read(); time.sleep(60)"])
def test_a_call_that_never_ends_is_stopped_and_remembered(submitted, body):
    process = submitted(f(body), seconds=0.5)
    started = time.monotonic()
    for _ in range(3):
        with pytest.raises(TimedOut, match=r"f took longer than 0\.5 s"):
            process.call("f", [3], {})
    assert time.monotonic() - started < 5


def test_a_loop_while_loading_is_stopped(submitted, monkeypatch):
    monkeypatch.setattr("cs_lib.submission.process.LOAD_SECONDS", 1.0)
    process = submitted("while True:\n    y = 1", "def f(x):\n    return y")
    with pytest.raises(TimedOut):
        process.call("f", [3], {})


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not enforce a limit on the address space")
def test_memory_without_end_is_refused(submitted):
    with pytest.raises(Crashed, match="MemoryError"):
        submitted(f("return np.ones(10**9).sum()")).call("f", [3], {})


def test_a_large_file_is_refused(submitted):
    body = "open('large', 'wb').write(b'x' * 2**25); return os.path.getsize('large')"
    with pytest.raises(Crashed):
        submitted(f(body)).call("f", [3], {})


def test_what_it_prints_goes_nowhere_and_costs_nothing(submitted, capfd):
    body = "print('all passed' * 10**6); print('x', file=sys.stderr); os.write(1, b'score: 22 / 22'); return x"
    assert submitted(f(body)).call("f", [3], {}).value == 3
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "forged",
    [
        "{'returned': 42, 'changed': 3}",
        "{'returned': 42}",
        "{}",
        "[]",
        "{'raised': 7}",
        "{'raised': {'kind': [1], 'line': 'x'}}",
        "{'ask': 'os.system', 'args': ['true'], 'kwargs': {}}",
        "{'ask': ['f'], 'args': 1, 'kwargs': 2}",
    ],
)
def test_a_forged_message_is_at_most_a_wrong_answer(submitted, forged):
    body = (
        "import gc\n    from cs_lib.submission.wire import Channel\n"
        f"    [c.send({forged}) for c in gc.get_objects() if type(c) is Channel]\n    return 1"
    )
    process = submitted(f(body))
    try:
        value = process.call("f", [3], {}).value
    except Crashed:
        return
    assert value in (42, None, 1)


def test_an_answer_too_large_to_travel_is_named_and_not_built(submitted):
    value = submitted(f("return np.zeros(10**8, dtype=np.int8)")).call("f", [3], {}).value
    assert isinstance(value, Foreign)


def test_children_and_threads_end_with_the_process(submitted, tmp_path):
    beat = tmp_path / "beat"
    body = f"os.fork() or [open({str(beat)!r}, 'a').write('x') and time.sleep(0.02) for _ in range(1000)]\n    return 1"
    process = submitted(f(body))
    process.call("f", [3], {})
    while not beat.exists():
        time.sleep(0.02)
    process.close()
    time.sleep(0.2)
    size = beat.stat().st_size
    time.sleep(0.3)
    assert beat.stat().st_size == size


def test_its_scratch_directory_is_its_own_and_goes(submitted):
    process = submitted(f("open('numpy.py', 'w').write('1 / 0'); return os.getcwd(), os.listdir()"))
    folder, files = process.call("f", [3], {}).value
    assert files == ["numpy.py"]
    assert submitted("import numpy as np\ndef f(x):\n    return np.zeros(1)").call("f", [3], {}).value == 0
    process.close()
    assert not os.path.exists(folder)  # noqa: PTH110 a path as the submission reports it


def test_the_graders_environment_is_not_visible(submitted, monkeypatch):
    monkeypatch.setenv("GRADES_PASSWORD", "secret")
    names = submitted(f("return sorted(os.environ)")).call("f", [3], {}).value
    assert "GRADES_PASSWORD" not in names
    assert "PYTHONPATH" not in names


def test_the_library_it_is_given_has_no_answers():
    rooms = {path.name for path in (open_library() / "cs_lib").iterdir()}
    assert "submission" in rooms
    assert not rooms & {"reference", "instructor"}


def test_a_function_that_is_not_there_is_not_started(submitted):
    with pytest.raises(NotStarted, match="there is no function f"):
        submitted("g = 3").call("f", [3], {})


def test_a_name_that_is_no_function_says_so(submitted):
    with pytest.raises(Crashed, match="int"):
        submitted("f = 3").call("f", [3], {})


def test_the_first_error_on_the_way_is_the_one_shown(submitted):
    process = submitted("data = open('missing.npz')", "def f(x):\n    return data")
    with pytest.raises(Crashed) as crash:
        process.call("f", [3], {})
    assert str(crash.value).startswith("a cell has an error: FileNotFoundError")


def test_a_stage_is_answered_with_right_values_whatever_the_student_wrote(submitted):
    process = submitted(
        "def stage(scores, labels, d=1.0):\n    return ...",
        "def f(x):\n    return stage(x, labels=1, d=5), stage(x, 2)",
        stages={"stage": lambda scores, y, delta=1.0: scores + 10 * y + 100 * delta},
    )
    assert process.call("f", [3], {}).value == (513, 123)


def test_a_stage_called_wrongly_is_the_students_error(submitted):
    def stage(x):
        return np.sqrt(x) @ np.zeros(7)

    process = submitted("def f(x):\n    return stage(x)", stages={"stage": stage})
    with pytest.raises(Crashed, match="ValueError: stage cannot take these arguments"):
        process.call("f", [np.zeros(3)], {})


@pytest.mark.parametrize("argument", ["np.zeros(10**6)", "object()", "[object()]", "'text'", "(i for i in x)"])
def test_what_a_stage_is_called_with_is_not_trusted(submitted, argument):
    process = submitted(
        f"import numpy as np\ndef f(x):\n    return stage({argument})", stages={"stage": lambda x: np.linalg.norm(x)}
    )
    with pytest.raises(Crashed, match="f raised ValueError"):
        process.call("f", [[1]], {})


def test_bytecodes_are_counted_by_line_where_they_run(submitted):
    process = submitted("def f(x):\n    for i in range(x):\n        y = i\n    return x")
    counts = [sum(count for *_, count in process.count("f", [n], {})) for n in (5, 5, 50)]
    assert counts[0] == counts[1] < counts[2]
    assert ("code cell 1", 3, "y = i") in {(cell, line, code) for cell, line, code, _ in process.count("f", [3], {})}
