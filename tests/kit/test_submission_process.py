"""A submission's process answers calls, and whatever it does instead costs itself alone.

Every hostile sample is bounded, so that it does no harm where the defence is missing.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import numpy as np
import pytest

from cs_lib.course import ROOT, CourseError
from cs_lib.submission import sandbox
from cs_lib.submission.bubblewrap import BUBBLEWRAP, LIMITS, kinds
from cs_lib.submission.library import open_library
from cs_lib.submission.notebook import Cell
from cs_lib.submission.outcomes import Crashed, NotStarted, TimedOut
from cs_lib.submission.process import SubmissionProcess
from cs_lib.submission.sandbox import CannotStart
from cs_lib.submission.slicing import slice_cells
from cs_lib.submission.wire import Foreign


@pytest.fixture(scope="module", params=["require", "none"], autouse=True)
def protection(request):
    """All of this holds in bubblewrap, and with limits alone."""
    try:
        yield sandbox.choose(request.param)
    except CourseError as error:
        pytest.skip(str(error))
    finally:
        sandbox.choose("auto")


@pytest.fixture
def submitted():
    """Start the process of a submission with the given cells and the function f."""
    processes = []

    def start(*sources, stages=None, seconds=5.0, load_seconds=10.0, wanted="f"):
        cells = [Cell(i, source) for i, source in enumerate(sources, start=1)]
        processes.append(SubmissionProcess(slice_cells(cells, {wanted}), stages, seconds, load_seconds))
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


def test_arrays_inside_other_arguments_are_watched_too(submitted):
    process = submitted(f("p['W'][0] += 1; q[1].shape = (4,)", signature="p, q, r"))
    answer = process.call("f", [{"W": np.zeros(2)}, [1, np.zeros((2, 2))], {"W": np.zeros(2)}], {})
    assert answer.changed == ("0", "1")


def test_keywords_and_functions_are_arguments_too(submitted):
    process = submitted(f("return g(x) + g(x=2 * x) + h(shift)", signature="g, x, shift=0, h=None"))
    assert process.call("f", [lambda x: 10 * x, 3], {"shift": 1, "h": lambda x: -x}).value == 89


def test_a_long_function_and_an_accented_one_arrive_whole(submitted):
    long = "\n    ".join(f"x = x + 1  # schön: {i}" for i in range(2000))
    assert submitted(f(f"{long}\n    return x")).call("f", [0], {}).value == 2000


def test_arguments_that_cannot_be_sent_are_the_tests_error_and_not_the_students(submitted):
    process = submitted(f("return x"))
    for argument in (np.zeros(2**24), [np.zeros(2**22)] * 3, np.random.default_rng(0), {"a": [object()]}):
        with pytest.raises(TypeError, match=r"^f is given what cannot be sent to its process"):
            process.call("f", [argument], {})
        with pytest.raises(TypeError, match=r"^f is given what cannot be sent to its process"):
            process.count("f", [], {"x": argument})
    assert process.call("f", [3], {}).value == 3


def test_showing_a_value_is_no_reason_to_fail(submitted):
    assert submitted(f("display(x); return x")).call("f", [3], {}).value == 3


def test_a_call_that_fails_costs_no_other(submitted):
    process = submitted(f("return 1 / x"))
    for _ in range(2):
        with pytest.raises(Crashed) as crash:
            process.call("f", [0], {})
        assert crash.value.kind == "ZeroDivisionError"
        assert process.call("f", [2], {}).value == 0.5


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return 1 / 0", "f raised ZeroDivisionError: division by zero (line 4 of code cell 1: return 1 / 0)"),
        ("sys.exit(0)", "f raised SystemExit"),
        ("raise KeyboardInterrupt", "f raised KeyboardInterrupt"),
        ("return f(x)", "f raised RecursionError"),
        ("os._exit(0)", "f ended its process with exit code 0; does it call exit()?"),
        ("os.fork() and os._exit(0); time.sleep(60)", "f ended its process with exit code 0; does it call exit()?"),
        ("os.kill(os.getpid(), 9)", "f ended its process, or broke the connection to it"),
        ("import ctypes; ctypes.string_at(0)", "f ended its process: Segmentation fault"),
        ("input()", "f raised EOFError"),
        ("raise type('E' * 1000, (Exception,), {})('x' * 10**6)", "f raised EEE"),
        ("raise ValueError(chr(0xd800) + chr(27) + '[2J')", "f raised ValueError: ?[2J"),
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
    assert len(str(crash.value)) < 1000
    assert str(crash.value).replace("\n", "").isprintable()


@pytest.mark.parametrize("body", ["while True: pass", "time.sleep(60)"])
def test_a_call_that_never_ends_is_stopped_and_remembered(submitted, body):
    process = submitted(f(body), seconds=0.5)
    for _ in range(3):
        with pytest.raises(TimedOut, match=r"f took longer than 0\.5 s"):
            process.call("f", [3], {})
    assert process.process.exit_code is not None


def test_a_recursion_without_a_limit_is_stopped(submitted):
    with pytest.raises((Crashed, TimedOut)):
        submitted(f("sys.setrecursionlimit(10**9); return f([x])"), seconds=0.5).call("f", [3], {})


def test_a_loop_while_loading_is_stopped(submitted):
    process = submitted("while True:\n    y = 1", "def f(x):\n    return y", load_seconds=0.5)
    with pytest.raises(TimedOut, match=r"running the notebook's own statements took longer than 0\.5 s"):
        process.call("f", [3], {})


def test_an_exit_while_loading_is_one_failed_statement_and_a_hard_one_the_end(submitted):
    function = "def f(x):\n    return y"
    assert submitted("y = 1", "import sys\ny = sys.exit()", function).call("f", [3], {}).value == 1
    with pytest.raises(Crashed, match="running the notebook's own statements ended its process with exit code 3"):
        submitted("import os", "y = os._exit(3)", function).call("f", [3], {})


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not enforce a limit on the address space")
def test_memory_without_end_is_refused(submitted):
    with pytest.raises(Crashed, match="MemoryError"):
        submitted(f("return np.ones(10**9).sum()")).call("f", [3], {})


def test_a_large_file_is_refused(submitted):
    body = "open('large', 'wb').write(b'x' * 2**25); return os.path.getsize('large')"
    with pytest.raises(Crashed):
        submitted(f(body)).call("f", [3], {})


def test_one_that_closes_its_pipe_before_it_ends_is_told_by_its_end(submitted):
    process = submitted(f("os.closerange(3, 256); time.sleep(0.05); os._exit(3)"))
    with pytest.raises(Crashed, match="ended its process with exit code 3"):
        process.call("f", [3], {})


def test_what_it_prints_goes_nowhere_and_costs_nothing(submitted, capfd):
    body = "print('all passed' * 10**6); print('x', file=sys.stderr); os.write(1, b'score: 22 / 22'); return x"
    assert submitted(f(body)).call("f", [3], {}).value == 3
    assert capfd.readouterr() == ("", "")


@pytest.fixture(scope="module")
def forger(protection):  # noqa: ARG001 the process must end before the next sandbox is chosen
    """The process of a submission that answers each call of f with the value of the expression it is given."""
    source = """import gc
def f(x):
    from cs_lib.submission.wire import Channel
    [channel] = [each for each in gc.get_objects() if type(each) is Channel]
    while True:
        channel.send(eval(x))
        request = channel.receive()
        if "args" not in request:
            channel.send({"returned": request, "changed": []})
            request = channel.receive()
        x = request["args"][0]
"""
    stages = {"stage": lambda x: x}
    process = SubmissionProcess(slice_cells([Cell(1, source)], {"f"}), stages)
    yield process
    process.close()


@pytest.mark.parametrize(
    ("forged", "said"),
    [
        ("{}", "f: its process sent something that is not an answer"),
        ("{'changed': []}", "f: its process sent something that is not an answer"),
        ("{'returned': 42}", "f: its process sent something that is not an answer"),
        ("{'returned': 42, 'changed': 3}", "f: its process sent something that is not an answer"),
        ("{'returned': 42, 'changed': ['7']}", "f: its process sent something that is not an answer"),
        ("{'returned': 42, 'changed': ['²']}", "f: its process sent something that is not an answer"),
        ("{'returned': 42, 'changed': [['0']]}", "f: its process sent something that is not an answer"),
        ("{'raised': 7}", "f raised an error: that cannot be shown"),
        ("{'raised': {'kind': [object()], 'line': 'x', 'code': {}}}", "f raised [Foreign(type_name='object')]"),
        ("{'raised': {'kind': 'E', 'line': 10**18, 'code': 'x', 'cell': 'code cell ²'}}", "f raised E"),
        ("{'no_function': 3}", "f is 3, not a function"),
        ("{'no_function': ['a' * 1000]}", "f is ['aaa"),
    ],
)
def test_a_forged_reply_is_a_crash(forger, forged, said):
    with pytest.raises(Crashed) as crash:
        forger.call("f", [forged], {})
    assert str(crash.value).startswith(said)


@pytest.mark.parametrize("forged", ["[]", "object()", "..."])
def test_what_is_no_reply_ends_the_process(submitted, forged):
    source = (
        f"import gc\ndef f(x):\n    [each.send({forged}) for each in gc.get_objects() if 'Channel' in str(type(each))]"
    )
    process = submitted(source)
    for _ in range(2):
        with pytest.raises(Crashed, match=r"f ended its process, or broke the connection to it \(not a reply\)"):
            process.call("f", [3], {})


def test_a_forged_reply_of_the_right_form_is_an_answer_like_any_other(forger):
    assert forger.call("f", ["{'returned': 42, 'changed': ['0']}"], {}).value == 42


@pytest.mark.parametrize(
    "forged",
    [
        "{'ask': 'os.system', 'args': ['true'], 'kwargs': {}}",
        "{'ask': ['f'], 'args': [], 'kwargs': {}}",
        "{'ask': None, 'args': [], 'kwargs': {}}",
        "{'ask': 'stage', 'args': 1, 'kwargs': 2}",
        "{'ask': 'stage'}",
        "{'ask': 'stage', 'args': [], 'kwargs': {'x': object()}}",
        "{'ask': 'stage', 'args': [{'a': [object()]}], 'kwargs': {}}",
    ],
)
def test_a_forged_question_is_refused(forger, forged):
    refused = forger.call("f", [forged], {}).value["refused"]
    assert refused.startswith(("there is no such function", "stage was called with something"))


@pytest.mark.parametrize("counts", ["3", "[3]", "[['a', 1, 'b', 1.5]]", "[['a', 1, 'b', True]]", "[object()]"])
def test_a_forged_count_is_a_crash(forger, counts):
    with pytest.raises(Crashed, match="f: its process sent something that is not a count"):
        forger.count("f", [f"{{'counts': {counts}}}"], {})


def test_questions_without_end_are_answered_until_the_deadline(submitted):
    process = submitted("def f(g):\n    while True:\n        g(1)", seconds=0.5)
    with pytest.raises(TimedOut):
        process.call("f", [lambda x: x], {})


def test_an_answer_too_large_to_travel_is_named_and_not_built(submitted):
    value = submitted(f("return np.zeros(10**8, dtype=np.int8)")).call("f", [3], {}).value
    assert isinstance(value, Foreign)


def test_children_and_threads_end_with_the_process(submitted):
    seconds = f"{4000 + os.getpid() / 1e6:.6f}"
    source = f"""import os, threading, time
def f(x):
    threading.Thread(target=time.sleep, args=(60,)).start()
    if os.fork() == 0:
        os.execv('/bin/sleep', ['sleep', '{seconds}'])
    return 1
"""
    process = submitted(source)
    process.call("f", [3], {})
    while not is_running(seconds):
        time.sleep(0.01)
    process.close()
    assert comes_to_an_end(seconds)


def test_in_bubblewrap_what_leaves_its_group_ends_too(submitted, protection):
    if protection != BUBBLEWRAP:
        pytest.skip("limits alone do not hold a process that leaves its group")
    seconds = f"{5000 + os.getpid() / 1e6:.6f}"
    body = f"os.fork() or (os.setsid(), os.fork() and os._exit(0), os.execv('/bin/sleep', ['sleep', '{seconds}']))"
    process = submitted(f(body))
    process.call("f", [3], {})
    while not is_running(seconds):
        time.sleep(0.01)
    process.close()
    assert comes_to_an_end(seconds)


def is_running(seconds):
    found = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True, check=True)
    return f"sleep {seconds}" in found.stdout


def comes_to_an_end(seconds, within=5.0):
    deadline = time.monotonic() + within
    while is_running(seconds) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_running(seconds)


def test_a_submission_holds_its_own_two_pipes_and_no_other_file(submitted):
    source = """import os, stat
def f(x):
    found = []
    for i in range(256):
        try:
            found.append(os.fstat(i))
        except OSError:
            pass
    return [stat.S_ISFIFO(each.st_mode) for each in found], [each.st_ino for each in found[3:]]
"""
    kinds, first = submitted(source).call("f", [3], {}).value
    assert kinds == [False, False, False, True, True]
    assert not {*first} & {*submitted(source).call("f", [3], {}).value[1]}


def test_its_scratch_directory_is_its_own_and_goes(submitted):
    process = submitted(f("open('numpy.py', 'w').write('1 / 0'); return os.getcwd(), os.listdir()"))
    folder, files = process.call("f", [3], {}).value
    assert files == ["numpy.py"]
    assert submitted("import numpy as np\ndef f(x):\n    return np.zeros(1)").call("f", [3], {}).value == 0
    process.close()
    assert not Path(folder).exists()
    process.close()  # a second time is no error


@pytest.mark.parametrize(
    "body",
    [
        "[(os.mkdir('d'), os.chdir('d')) for _ in range(1500)]",
        "os.makedirs('a/b'); os.chmod('a/b', 0); os.chmod('a', 0)",
    ],
)
def test_a_scratch_directory_made_hard_to_remove_goes_too(submitted, body):
    process = submitted(f(f"top = os.getcwd(); {body}; return top"))
    folder = process.call("f", [3], {}).value
    process.close()
    assert not Path(folder).exists()


def test_a_file_of_its_own_stands_in_for_no_module(submitted):
    body = "open('colorsys.py', 'w').write('1 / 0'); import colorsys; return colorsys.rgb_to_hsv(1, 0, 0)"
    assert submitted(f(body)).call("f", [3], {}).value == (0, 1, 1)


def test_what_is_typed_at_the_grader_is_not_read_by_it(submitted):
    reading, writing = os.pipe()
    kept = os.dup(0)
    os.dup2(reading, 0)
    try:
        os.write(writing, b"secret\n")
        with pytest.raises(Crashed, match="f raised EOFError"):
            submitted(f("return input()")).call("f", [3], {})
    finally:
        os.dup2(kept, 0)
        for descriptor in (reading, writing, kept):
            os.close(descriptor)


def test_the_graders_environment_is_not_visible(submitted, monkeypatch):
    monkeypatch.setenv("GRADES_PASSWORD", "secret")
    names = submitted(f("return sorted(os.environ)")).call("f", [3], {}).value
    assert "GRADES_PASSWORD" not in names
    assert "PYTHONPATH" not in names


def test_the_library_it_is_given_has_no_answers():
    rooms = {path.name for path in (open_library() / "cs_lib").iterdir()}
    assert "submission" in rooms
    assert not rooms & {"reference", "instructor"}


@pytest.mark.parametrize("source", ["g = 3", "f = ...", ""])
def test_a_function_that_is_not_there_is_not_started(submitted, source):
    for ask in (submitted(source).call, submitted(source).count):
        with pytest.raises(NotStarted, match="there is no function f"):
            ask("f", [3], {})


def test_a_method_that_is_not_there_is_not_started_either(submitted):
    process = submitted("class Net:\n    @staticmethod\n    def loss(x):\n        return x", wanted="Net")
    assert process.call("Net.loss", [3], {}).value == 3
    with pytest.raises(NotStarted, match=r"there is no function Net\.forward"):
        process.call("Net.forward", [3], {})


@pytest.mark.parametrize(
    ("value", "said"), [("3", "an int"), ("[3]", "a list"), ("None", "None"), ("__import__('os')", "a module")]
)
def test_a_name_that_is_no_function_says_what_it_is(submitted, value, said):
    for ask in (submitted(f"f = {value}").call, submitted(f"f = {value}").count):
        with pytest.raises(Crashed, match=f"^f is {said}, not a function; define it with def"):
            ask("f", [3], {})


def test_the_first_error_on_the_way_is_the_one_shown(submitted):
    process = submitted("data = open('missing.npz')", "def f(x):\n    return data")
    with pytest.raises(Crashed) as crash:
        process.call("f", [3], {})
    assert str(crash.value).startswith("a cell has an error: FileNotFoundError")
    assert crash.value.kind == "NameError"


def test_the_first_error_is_the_one_highest_in_the_notebook(submitted):
    broken = "data = = 3", "import numpy as np\nscale = np.sqrt(data)", "def f(x):\n    return scale"
    for cells, kind in ((broken, "SyntaxError"), (("scale = 1 / 0", broken[0], broken[2]), "ZeroDivisionError")):
        with pytest.raises(Crashed, match=f"^a cell has an error: {kind}: .* of code cell 1: "):
            submitted(*cells).call("f", [3], {})


def test_an_error_elsewhere_is_not_blamed_for_one_of_the_functions_own(submitted):
    with pytest.raises(Crashed, match=r"^f raised ZeroDivisionError"):
        submitted("data = = 3", "def f(x):\n    return 1 / 0").call("f", [3], {})


def test_a_function_whose_own_cell_fails_says_so(submitted):
    with pytest.raises(Crashed, match=r"^f is not defined, and a cell has an error: SyntaxError"):
        submitted("def f(x:\n    return x").call("f", [3], {})
    with pytest.raises(Crashed, match=r"^f is not defined, and a cell has an error: NameError"):
        submitted("@jit\ndef f(x):\n    return x").call("f", [3], {})


def test_an_error_is_shown_at_its_line_with_its_code(submitted):
    process = submitted("import os\n\nk = 0; j = 1\ndef f(x):\n    # why\n    return (x\n            / k)\n")
    with pytest.raises(Crashed, match=r"\(line [67] of code cell 1: (return \(x|/ k\))\)"):
        process.call("f", [3], {})


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


@pytest.mark.parametrize(
    "argument",
    [
        "np.zeros(10**6)",
        "[np.zeros(10**4)] * 3",
        "np.zeros((0, 10**5))",
        "10**18",
        "np.int64(10**18)",
        "object()",
        "[object()]",
        "{'a': (object(),)}",
        "'text'",
        "(i for i in x)",
        "stage",
    ],
)
def test_what_a_stage_is_called_with_is_not_trusted(submitted, argument):
    process = submitted(
        f"import numpy as np\ndef f(x):\n    return stage({argument})", stages={"stage": lambda x: np.linalg.norm(x)}
    )
    with pytest.raises(Crashed, match=r"f raised ValueError: stage (was called with|cannot take)"):
        process.call("f", [[1]], {})


@pytest.mark.filterwarnings("error")
def test_what_a_stage_makes_of_odd_numbers_warns_nobody_here(submitted):
    process = submitted("def f(x):\n    return stage(x)", stages={"stage": np.log})
    assert process.call("f", [0.0], {}).value == -np.inf


def test_a_function_given_as_an_argument_may_be_misused(submitted):
    process = submitted("def f(g):\n    return g(object())")
    with pytest.raises(Crashed, match="f raised ValueError: argument 0 was called with something that is too large"):
        process.call("f", [lambda x: x], {})
    assert submitted("def f(g):\n    return [g]").call("f", [lambda x: x], {}).value == [Foreign("partial")]


def test_bytecodes_are_counted_by_line_where_they_run(submitted):
    process = submitted("def f(x):\n    for i in range(x):\n        y = i\n    return x")
    counts = [sum(count for *_, count in process.count("f", [n], {})) for n in (5, 5, 50)]
    assert counts[0] == counts[1] < counts[2]
    assert ("code cell 1", 3, "y = i") in {(cell, line, code) for cell, line, code, _ in process.count("f", [3], {})}


def test_asking_a_stage_with_more_examples_counts_no_more_bytecodes(submitted):
    process = submitted("def f(x):\n    return stage(x)", stages={"stage": lambda x: x})
    counts = [sum(count for *_, count in process.count("f", [np.zeros(n)], {})) for n in (5, 5, 15_000)]
    assert counts[0] == counts[1] == counts[2]


def test_a_process_that_does_not_start_is_nobodys_wrong_answer(monkeypatch):
    monkeypatch.setattr("cs_lib.submission.bubblewrap.BOOT", "import a_package_that_is_not_installed")
    with pytest.raises(CannotStart, match="no process for submissions can be started; does"):
        sandbox.Sandbox("none").fork()
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(CannotStart, match=r"no process for submissions can be started: .*No such file"):
        sandbox.Sandbox("none").fork()


def test_many_submissions_leave_no_descriptors_and_no_folders_behind(submitted, tmp_path, monkeypatch):
    submitted("def f(x):\n    return x").close()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = open_descriptors()
    for _ in range(5):
        submitted("def f(x):\n    return x").close()
    assert open_descriptors() == before
    assert not list(tmp_path.iterdir())


def open_descriptors():
    return sum(os.path.exists(f"/dev/fd/{i}") for i in range(256))  # noqa: PTH110 not every one can be resolved


def test_a_submission_that_ends_the_nursery_costs_itself_alone(submitted, protection):
    killing = "import os, signal\ndef f(x):\n    os.kill(x, signal.SIGKILL)\n    return os.getppid()"
    process, other = submitted(killing), submitted("def f(x):\n    return x")
    nursery = sandbox._chosen.nursery.process
    if protection == BUBBLEWRAP:
        with pytest.raises(Crashed, match="ProcessLookupError"):
            process.call("f", [nursery.pid], {})
        assert nursery.poll() is None
    else:
        process.call("f", [nursery.pid], {})
        nursery.wait(5)
    assert other.call("f", [7], {}).value == 7
    assert submitted("def f(x):\n    return x").call("f", [3], {}).value == 3


class TestBubblewrap:
    """What submissions cannot see or reach; with limits alone they can, which shows what it is that stops them."""

    @pytest.fixture(autouse=True)
    def _held(self, protection):
        self.held = protection == BUBBLEWRAP

    def test_files_of_the_user_the_course_and_the_system_are_not_there(self, submitted, tmp_path):
        secret = tmp_path / "secret"
        secret.write_text("canary")
        places = [str(secret), str(ROOT / "pyproject.toml"), str(ROOT / "tests"), "/proc/self", "/etc/hostname"]
        seen = submitted(f("return [os.path.exists(p) for p in x]")).call("f", [places], {}).value
        assert seen == [not self.held and Path(place).exists() for place in places]

    def test_nothing_can_be_written_but_in_the_scratch_directory(self, submitted, tmp_path):
        body = """tried = []
    for place in x:
        try:
            open(os.path.join(place, 'written'), 'w').close()
            tried.append(True)
        except OSError:
            tried.append(False)
    return tried"""
        places = [".", str(tmp_path), "/", "/dev", "/dev/shm", "/usr", sysconfig.get_path("purelib"), "/course/cs_lib"]
        written = submitted(f(body)).call("f", [places[: 8 if self.held else 2]], {}).value
        assert written == ([True] + [False] * 7 if self.held else [True, True])

    def test_the_scratch_directory_is_of_bounded_size(self, submitted):
        body = """written = 0
    for i in range(20):
        with open(str(i), 'wb') as file:
            written += file.write(bytes(2**23))
    return written"""
        if self.held:
            with pytest.raises(Crashed, match="No space left"):
                submitted(f(body)).call("f", [3], {})
        else:
            assert submitted(f(body)).call("f", [3], {}).value == 20 * 2**23

    def test_it_starts_only_so_many_processes(self, submitted):
        body = """children = []
    try:
        while len(children) < 100:
            child = os.fork()
            if child == 0:
                time.sleep(10)
                os._exit(0)
            children.append(child)
    except BlockingIOError:
        pass
    return len(children)"""
        started = submitted(f(body)).call("f", [3], {}).value
        assert started < 64 if self.held else started == 100

    def test_nobody_is_there_on_the_network(self, submitted):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            body = "import socket; socket.create_connection(('127.0.0.1', x), 1); return 1"
            process, port = submitted(f(body)), listener.getsockname()[1]
            if self.held:
                with pytest.raises(Crashed, match=r"ConnectionRefusedError|Network is unreachable"):
                    process.call("f", [port], {})
            else:
                assert process.call("f", [port], {}).value == 1

    def test_no_process_is_seen_but_its_own(self, submitted):
        process = submitted(f("os.kill(x, 0); return 1"))
        if self.held:
            with pytest.raises(Crashed, match="ProcessLookupError"):
                process.call("f", [os.getpid()], {})
        else:
            assert process.call("f", [os.getpid()], {}).value == 1

    def test_it_has_no_privileges_and_gets_none(self, submitted):
        body = "import ctypes; libc = ctypes.CDLL(None); return libc.mount(b'none', b'/', None, 1 << 18, None)"
        if self.held:
            assert submitted(f(body)).call("f", [3], {}).value == -1
            assert submitted(f("return os.getuid()")).call("f", [3], {}).value != 0


@pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed")
class TestKinds:
    """Each way to start a nursery does, or is passed over for one that does."""

    def test_each_kind_shuts_in(self, protection):
        if protection != BUBBLEWRAP:
            pytest.skip("seen in bubblewrap")
        working = 0
        for kind in kinds("require"):
            tried = sandbox.Sandbox("require")
            tried.kind = kind
            with contextlib.suppress(CannotStart):
                forked = [tried.fork() for _ in range(2)]
                working += 1
                assert [each.end() for each in forked] == [-9, -9]
            tried.close()
        assert working

    def test_without_one_that_works_limits_stay_or_grading_ends(self, monkeypatch):
        monkeypatch.setenv("PATH", "/nowhere")
        assert sandbox.Sandbox("auto").protection == LIMITS
        with pytest.raises(CourseError, match="no sandbox is to be had: there is no bwrap on the PATH"):
            assert sandbox.Sandbox("require").protection
