"""What a function returns that is no answer: told apart, and never believed."""

from cs_lib.submission.outcomes import CRASHED, DONE, NOT_STARTED, TIMED_OUT, WRONG
from hostile.sample import Sample


def returns(name: str, what: str, value: str, says: str, word: str = WRONG, head: str = "") -> Sample:
    """Return a sample whose `hinge_backward`, which should return an array, returns the value of this expression."""
    cell = f"import numpy as np\n{head}\n\ndef hinge_backward(margins, y):\n    N = len(y)\n    return {value}\n"
    return Sample(f"returns-{name}", what, word, says, cell, spoils="hinge_backward")


RIGHT = "(lambda d: (d.__setitem__((np.arange(N), y), -d.sum(axis=1)), d / N)[1])((margins > 0).astype(float))"
LYING_ARRAY = """class Equal(np.ndarray):
    __array_priority__ = 1000
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __array_ufunc__(self, *args, **kwargs): return True
    def __array_function__(self, *args, **kwargs): return True
"""
LYING_FLOAT = """class Equal(float):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    __hash__ = float.__hash__
"""
LYING_CLASS = """class Liar:
    @property
    def __class__(self): return np.ndarray
    def __array__(self, *args, **kwargs): return np.zeros(3)
    def __eq__(self, other): return True
"""
SLOW_NAME = """class Meta(type):
    @property
    def __name__(cls):
        while True: pass
class Slow(metaclass=Meta): pass
"""
DEEP = """def deep():
    value = []
    for _ in range(10**5):
        value = [value]
    return value
"""
CYCLE = "cycle = []\ncycle.append(cycle)"

SAMPLES = (
    Sample("no-function", "a missing function", NOT_STARTED, "there is no function initial_hinge_loss", "x = 1"),
    Sample(
        "an-int", "an int under the function's name", CRASHED, "is an int, not a function", "initial_hinge_loss = 42"
    ),
    Sample("signature", "a wrong signature", CRASHED, "TypeError", "def initial_hinge_loss():\n    return 9.0"),
    returns("none", "None", "None", "Did you forget to return it?"),
    returns("ellipsis", "the placeholder", "...", "still returns", NOT_STARTED),
    returns("list", "a list", "[[0.0] * 3] * N", "is a list"),
    returns("text", "text", "'all passed'", "is a str"),
    returns("nan", "nan", "np.full(margins.shape, np.nan)", "is nan"),
    returns("inf", "infinity", "np.full(margins.shape, -np.inf)", "is -inf"),
    returns("objects", "an array of objects", f"{RIGHT}.astype(object)", "array of dtype object"),
    returns("complex", "complex numbers", f"{RIGHT} * (1 + 0j)", "has dtype complex128"),
    returns("dates", "dates", f"{RIGHT}.astype('datetime64[s]')", "array of dtype datetime64"),
    returns("records", "a structured array", "np.zeros(margins.shape, dtype='i4,f8')", "array of dtype"),
    returns("large", "an array of 10⁹ entries", "np.broadcast_to(0.0, 10**9)", "more than 64 MB"),
    returns("empty-large", "an array of no entries and a long axis", "np.empty((0, 2**40))", "more than 64 MB"),
    returns("32-axes", "an array with 32 axes", "np.zeros((1,) * 32)", "has shape"),
    returns("generator", "a generator", "(0.0 for _ in margins)", "is a generator"),
    returns("deep", "lists nested 10⁵ deep", "deep()", "is a list", head=DEEP),
    returns("cycle", "a list that holds itself", "cycle", "is a", head=CYCLE),
    returns("wide", "a long list", "[0] * 10**7", "too deep or too long"),
    returns("big-int", "a number of 10⁵ digits", "10**100_000", "int of more than 64 bits"),
    returns("subclass", "an array that equals everything", "margins.view(Equal)", "is an Equal", head=LYING_ARRAY),
    returns("float", "a float that equals everything", "Equal(1.0)", "is an Equal", head=LYING_FLOAT),
    returns("liar", "an object that says it is an array", "Liar()", "is a Liar", head=LYING_CLASS),
    returns("masked", "a masked array", "np.ma.masked_all(margins.shape)", "is a MaskedArray"),
    returns("matrix", "a matrix", f"np.matrix({RIGHT})", "is a matrix"),
    returns("slow-name", "a class whose name never comes", "Slow()", "took longer than", TIMED_OUT, head=SLOW_NAME),
    returns(
        "strided", "a right answer laid out oddly in memory", f"np.flip(np.flip({RIGHT}.T).T.copy(), (0, 1))", "", DONE
    ),
    returns("read-only", "a right answer that is read-only", f"np.broadcast_to({RIGHT}, margins.shape)", "", DONE),
    returns("swapped", "a right answer of another byte order", f"{RIGHT}.astype('>f8')", "", DONE),
)
