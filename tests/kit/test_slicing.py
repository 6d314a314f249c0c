"""Of a notebook, only the statements that the wanted functions need are kept, and they suffice."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_lib.submission.notebook import Cell
from cs_lib.submission.slicing import slice_cells


def kept(*sources, wanted="f"):
    code = slice_cells([Cell(i, source) for i, source in enumerate(sources, start=1)], {wanted})
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
        "plt.plot(losses);",
        "@profile\ndef g(x):\n    return f(x)",
        "x = f(3); x += f(4); print(x)",
        "assert np.allclose(f(3), 3)",
        "class Net:\n    loss = f(3)",
        "async def g():\n    await f(3)",
        "del x",
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
        (["def setup():\n    global scale\n    scale = 2", "setup()"], "scale * x"),
        (["TABLE = {}", "def fill():\n    TABLE['a'] = 3", "fill()"], "TABLE['a'] * x"),
        (["TABLE = []", "def fill():\n    TABLE.append(3)", "fill()"], "TABLE[0] * x"),
        (["try:\n    from math import *\nexcept ImportError:\n    pass"], "sqrt(x)"),
        (["class Base:\n    k = 3", "class Net(Base):\n    pass"], "Net.k * x"),
        (["K = 3", "class Net:\n    k = K\n    def get(self):\n        return self.k"], "Net().get() * x"),
        (["K = 3", "def g(x, *, k=K):\n    return k * x"], "g(x)"),
        (["K = 3", "def g(x):\n    def h():\n        return K * x\n    return h()"], "g(x)"),
        (["K = [3]", "if (n := len(K)) > 0:\n    pass"], "n * x"),
        (["while True:\n    K = 3\n    break"], "K * x"),
        (["with open(__import__('os').devnull) as nothing:\n    K = len(nothing.read())"], "K + x"),
        (["TABLE = {'a': 1, 'b': 2}", "del TABLE['a']"], "len(TABLE) * x"),
        (
            ["from types import SimpleNamespace", "o = SimpleNamespace()", "o.a = SimpleNamespace()", "o.a.b = 3"],
            "o.a.b",
        ),
        (["K = 1", "K += 1", "K = K * 2"], "K * x"),
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
    assert kept("a = 1; b = 2", "def f(x):\n    return b")[0] == "b = 2"


def test_a_semicolon_in_a_string_or_comment_leaves_the_students_own_lines():
    source = "def f(x):  # first a; then b\n\n    return 'a;b'  # done"
    assert kept(source) == [source]


def test_a_statement_that_begins_where_another_ends_is_told_apart():
    assert kept('print("""a\nb"""); K = 3', "def f(x):\n    return K")[0] == "K = 3"


def test_a_statement_keeps_the_line_at_which_it_stands():
    code = slice_cells([Cell(7, "import sys\n\n\n@staticmethod\ndef f(x):\n    return x")], {"f"})
    assert [(each.cell.name, each.line) for each in code.statements] == [("code cell 7", 4)]


def test_what_a_wanted_function_does_besides_is_no_reason_to_call_it_before():
    function = "def f(x):\n    CACHE.append(x)\n    return x"
    assert kept("CACHE = []", function, "f(3)") == ["CACHE = []", function]


def test_a_local_change_of_a_like_named_object_is_no_change_of_the_global_one():
    function = "def f(x):\n    return W * x"
    assert kept("W = 3", "def train(W):\n    W[0] = 1", "train([0])", function) == ["W = 3", function]


def test_an_import_inside_try_is_a_module_too():
    guarded = "try:\n    import numpy as np\nexcept ImportError:\n    raise"
    function = "def f(x):\n    return np.sqrt(x)"
    assert kept(guarded, "np.random.seed(0)", function) == [guarded, function]


def test_a_wrong_use_of_global_is_reported_at_its_line():
    code = slice_cells([Cell(3, "a = 1\n\ndef f(x):\n    x = k\n    k = 2\n    global k")], {"f"})
    assert code.statements == ()
    assert code.broken[0].kind == "SyntaxError"
    assert code.broken[0].line in (5, 6)


def test_what_the_error_shows_of_a_cell_cannot_steer_a_terminal():
    code = slice_cells([Cell(1, "x = = '\x1b[31m'")], {"f"})
    assert "\x1b" not in str(code.broken[0])


@pytest.mark.filterwarnings("error")
def test_pythons_warnings_about_a_submission_are_kept_quiet():
    assert len(kept("def f(x):\n    return '\\d', x is 3")) == 1


def test_a_chain_of_many_statements_is_followed_to_its_end():
    chain = "\n".join(["v0 = 1", *(f"v{i} = v{i - 1}" for i in range(1, 10_000)), "def f(x):\n    return v9999"])
    assert len(kept(chain)) == 10_001


def test_a_cell_with_a_syntax_error_is_reported_and_the_others_serve():
    code = slice_cells([Cell(1, "x = = 3"), Cell(2, F)], {"f"})
    assert [statement.source for statement in code.statements] == [F]
    assert str(code.broken[0]) == "SyntaxError: invalid syntax (line 1 of code cell 1: x = = 3)"


def test_a_null_byte_and_a_nesting_without_end_are_reported():
    code = slice_cells([Cell(1, "x = '\0'"), Cell(2, "(" * 5000 + ")" * 5000), Cell(3, F)], {"f"})
    assert len(code.broken) == 2
    assert len(code.statements) == 1


NAMES = ["a", "b", "c"]
ATOMS = st.sampled_from([*NAMES, "1", "2", "len(T)", "sum(T)", "h(2)"])
EXPRESSIONS = st.builds("{} {} {}".format, ATOMS, st.sampled_from(["+", "-", "*"]), ATOMS)
STATEMENTS = st.one_of(
    st.builds("{} = {}".format, st.sampled_from(NAMES), EXPRESSIONS),
    st.builds("{} += {}".format, st.sampled_from(NAMES), EXPRESSIONS),
    st.builds("{0} = 3; {1} = {2}".format, st.sampled_from(NAMES), st.sampled_from(NAMES), EXPRESSIONS),
    st.builds("T.append({})".format, EXPRESSIONS),
    st.builds("T[0] = {}".format, EXPRESSIONS),
    st.builds("for i in range(3):\n    T.append(i + {})".format, EXPRESSIONS),
    st.builds("if {} > 2:\n    {} = 7".format, EXPRESSIONS, st.sampled_from(NAMES)),
    st.builds("def h(x):\n    return x + {} + {}".format, st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.builds("def s():\n    global {0}\n    {0} = {1}".format, st.sampled_from(NAMES), EXPRESSIONS),
    st.just("s()"),
    st.builds("print({})".format, EXPRESSIONS),
    st.builds("def f(x):\n    y = x * {}\n    return y + {}".format, EXPRESSIONS, EXPRESSIONS),
)
START = [
    "a, b, c = 1, 2, 3",
    "T = [5]",
    "def h(x):\n    return 2 * x",
    "def s():\n    pass",
    "def f(x):\n    return h(x)",
]


@settings(deadline=None, max_examples=300)
@given(st.lists(STATEMENTS, max_size=12), EXPRESSIONS)
def test_what_is_kept_answers_as_the_whole_notebook_does(statements, expression):
    cells = [*START, *statements, f"def f(x):\n    return {expression}, h(x)"]
    whole = answer(cells)
    assert answer(kept(*cells)) == whole


def answer(statements):
    """What f(3) returns, or that a recursion of `h` and the like never ends."""
    namespace = {"print": lambda *_: None}
    for statement in statements:
        with contextlib.suppress(RecursionError):
            exec(statement, namespace)
    try:
        return namespace["f"](3)
    except RecursionError:
        return "recursion"


def test_of_a_broken_cell_the_whole_imports_are_kept_and_nothing_else():
    cell = (
        "import numpy as np\nfrom math import (\n    sqrt,\n    exp,\n)\nx = = 3\nimport os =\nSCALE = 2\n  import sys"
    )
    kept_sources = kept(cell, "def f(x):\n    return np.sqrt(x) + sqrt(x) + os + SCALE + sys")
    assert kept_sources[:-1] == ["import numpy as np", "from math import (\n    sqrt,\n    exp,\n)"]
