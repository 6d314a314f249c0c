"""Of a notebook, only the statements that the wanted functions need are kept, and they suffice."""

import pytest

from cs_lib.submission.notebook import Cell, without_magics
from cs_lib.submission.slicing import slice_cells


def kept(*sources, wanted="f"):
    code = slice_cells([Cell(i, without_magics(source)) for i, source in enumerate(sources, start=1)], {wanted})
    return [statement.source for statement in code.statements]


def run(statements):
    namespace = {}
    for statement in statements:
        exec(statement, namespace)
    return namespace


F = "def f(x):\n    return x"


@pytest.mark.parametrize(
    "other",
    [
        "print('training')",
        "for i in range(10**9):\n    pass",
        "raise ValueError",
        "f(3)",
        "g = f(3)",
        "if f(3):\n    1 / 0",
        "import time; time.sleep(100)",
        "x = 5",
        "with open('grades.csv', 'w') as file:\n    file.write('A')",
    ],
)
def test_what_the_function_does_not_need_is_left_out(other):
    assert kept(other, F, other) == [F]


@pytest.mark.parametrize(
    ("helpers", "use"),
    [
        (["def helper(x):\n    return 2 * x"], "helper(x)"),
        (["SCALE = 2"], "SCALE * x"),
        (["SCALE: float = 2"], "SCALE * x"),
        (["import math"], "math.sqrt(x)"),
        (["from math import sqrt as root"], "root(x)"),
        (["from math import *"], "sqrt(x)"),
        (["TABLE = {}", "TABLE['a'] = 3"], "TABLE['a'] * x"),
        (["TABLE = {}", "TABLE.update(a=3)"], "TABLE['a'] * x"),
        (["TABLE = []", "for i in range(3):\n    TABLE.append(i)"], "TABLE[2] * x"),
        (["BASE = 2", "SCALE = BASE + 1"], "SCALE * x"),
        (["class Helper:\n    factor = 2", "h = Helper()", "h.factor = 4"], "h.factor * x"),
        (["try:\n    import numpy as np\nexcept ImportError:\n    np = None"], "np.sqrt(x)"),
        (["twice = lambda x: 2 * x"], "twice(x)"),
        (["count = 0", "def tick():\n    global count\n    count += 1\n    return count"], "tick() * x"),
        (["a, (b, *c) = 1, (2, 3, 4)"], "(a + b + c[0]) * x"),
        (["if True:\n    SCALE = 3\nelse:\n    SCALE = 4"], "SCALE * x"),
        (["numbers = [i for i in range(4)]"], "sum(numbers) * x"),
    ],
)
def test_whatever_it_needs_is_kept(helpers, use):
    function = f"def f(x):\n    return {use}"
    whole = run([*helpers, function])["f"](4)
    assert run(kept(*helpers, function, "SCALE_OF_NOTHING = 1 / 0"))["f"](4) == whole


def test_a_decorator_and_a_default_are_needed():
    source = "@wrapped\ndef f(x=DEFAULT):\n    return x"
    assert kept("DEFAULT = 3", "def wrapped(f):\n    return f", "OTHER = 4", source) == [
        "DEFAULT = 3",
        "def wrapped(f):\n    return f",
        source,
    ]


def test_a_local_name_does_not_pull_in_a_global_one():
    assert kept("X = 1 / 0", "def f(X):\n    W = X\n    return W", "W = 1 / 0") == [
        "def f(X):\n    W = X\n    return W"
    ]


def test_of_two_definitions_the_later_one_wins_as_it_does_when_run():
    assert run(kept("def f(x):\n    return 1", "def f(x):\n    return 2"))["f"](0) == 2


def test_a_line_that_only_calls_into_a_module_is_not_a_change_of_it():
    assert kept("import numpy as np", "np.allclose(trained, 1)", "def f(x):\n    return np.sqrt(x)") == [
        "import numpy as np",
        "def f(x):\n    return np.sqrt(x)",
    ]


def test_two_statements_on_one_line_are_told_apart():
    assert kept("SCALE = 2; print('hello')", "def f(x):\n    return SCALE * x")[0] == "SCALE = 2"


def test_a_cell_with_a_syntax_error_is_reported_and_the_others_serve():
    code = slice_cells([Cell(1, "x = = 3"), Cell(2, F)], {"f"})
    assert [statement.source for statement in code.statements] == [F]
    assert str(code.broken[0]) == "SyntaxError: invalid syntax (line 1 of code cell 1: x = = 3)"


def test_a_null_byte_and_a_nesting_without_end_are_reported():
    code = slice_cells([Cell(1, "x = '\0'"), Cell(2, "(" * 5000 + ")" * 5000), Cell(3, F)], {"f"})
    assert len(code.broken) == 2
    assert len(code.statements) == 1


@pytest.mark.parametrize(
    "magic",
    [
        "%matplotlib inline",
        "!pip install torch",
        "files = !ls",
        "result = %timeit -o f(3)",
        "f?",
        "np.sum??",
        "?f",
        "if True:\n    %load_ext autoreload",
    ],
)
def test_a_line_for_ipython_alone_is_taken_out_and_the_rest_of_its_cell_stays(magic):
    assert kept(f"{magic}\n{F}") == [F]


def test_a_cell_magic_keeps_python_and_drops_other_languages():
    assert kept(f"%%time\n{F}") == [F]
    assert kept(f"%%bash\n{F}") == []
    assert kept(f"%%html\n<p>def</p>\n{F}") == []


def test_what_looks_like_a_magic_inside_a_string_stays():
    source = 'def f(x):\n    """\n%matplotlib inline\n    """\n    return x'
    assert kept(source) == [source]
