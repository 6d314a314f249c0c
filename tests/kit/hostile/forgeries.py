"""Forged messages to the grader, and replaced functions of the libraries that carry them."""

from cs_lib.submission.outcomes import CRASHED, TIMED_OUT, WRONG
from hostile.sample import Sample, body

PIPES = """import stat
def pipes():
    found = []
    for i in range(3, 256):
        try:
            if stat.S_ISFIFO(os.fstat(i).st_mode) or stat.S_ISSOCK(os.fstat(i).st_mode):
                found.append(i)
        except OSError:
            pass
    return found

def tell(data):
    for i in pipes():
        try:
            os.write(i, data)
        except OSError:
            pass
"""
CHANNEL = """import gc
def channel():
    return [each for each in gc.get_objects() if type(each).__name__ == "Channel"][0]
"""


def forges(name: str, what: str, says: str, statements: str, head: str = "", word: str = CRASHED) -> Sample:
    """Return a sample that does this in a call; what it then returns is wrong."""
    return Sample(f"forges-{name}", what, word, says, body(f"{statements}\nreturn -1.0", head))


def replaces(name: str, what: str, statements: str, says: str, word: str = WRONG) -> Sample:
    """Return a sample that replaces functions in its process; what it then returns is wrong."""
    return Sample(f"replaces-{name}", what, word, says, body(f"{statements}\nreturn -1.0", "import numpy as np"))


BROKEN = "broke the connection to it"
NO_ANSWER = "sent something that is not an answer"
YES = "lambda *args, **kwargs: True"

SAMPLES = (
    forges("text", "writes 'all passed' into the pipe", BROKEN, "tell(b'all passed\\nscore: 61 / 61\\n')", PIPES),
    forges("flood", "floods the pipe", "", "while True:\n    tell(b'\\0' * 4096)", PIPES),
    forges(
        "flood-of-questions",
        "asks without end",
        "took longer",
        "while True:\n    channel().send({'ask': 'x', 'args': [], 'kwargs': {}})",
        CHANNEL,
        TIMED_OUT,
    ),
    forges("closed", "closes the pipe", "ended its process", "os.closerange(3, 256)\nos._exit(0)"),
    forges("closed-alive", "closes the pipe and lives on", BROKEN, "os.closerange(3, 256)\ntime.sleep(60)"),
    forges("length", "announces 4 GB", BROKEN, "tell(b'\\xff' * 8)", PIPES),
    forges(
        "half",
        "sends half a message",
        "took longer",
        "tell(b'\\0\\0\\0\\x20\\0\\0\\0\\0[')\ntime.sleep(60)",
        PIPES,
        TIMED_OUT,
    ),
    forges("deep", "sends JSON nested 10⁶ deep", BROKEN, "tell(b'\\0\\x10\\0\\0\\0\\0\\0\\0' + b'[' * 2**20)", PIPES),
    forges(
        "passed",
        "sends a message that says that it passed",
        NO_ANSWER,
        "channel().send({'passed': True, 'points': 61})",
        CHANNEL,
    ),
    forges(
        "answer",
        "sends an answer before the answer",
        "is wrong",
        "channel().send({'returned': -1.0, 'changed': []})",
        CHANNEL,
        WRONG,
    ),
    forges(
        "error",
        "sends an error with control codes and HTML",
        "raised",
        "channel().send({'raised': {'kind': '<script>alert(1)</script>', 'message': '\\x1b[2J\\u202e' + 'x' * 10**6}})",
        CHANNEL,
    ),
    forges("number", "sends no message but a number", "not a reply", "channel().send(42)", CHANNEL),
    forges(
        "reader", "reads what the grader sends", "took longer", "[os.read(i, 2**20) for i in pipes()]", PIPES, TIMED_OUT
    ),
    replaces("numpy", "functions of numpy", f"np.allclose = np.isclose = np.array_equal = np.asarray = {YES}", ""),
    replaces(
        "builtins",
        "functions of builtins",
        f"import builtins\nbuiltins.abs = builtins.all = builtins.isinstance = {YES}",
        "ended its process",
        CRASHED,
    ),
    replaces(
        "print",
        "the print of builtins",
        "import builtins\nbuiltins.print = builtins.repr = os._exit",
        "ended its process",
        CRASHED,
    ),
    replaces(
        "json",
        "functions of json",
        'import json\njson.dumps = lambda *a, **k: \'["str", "all passed"]\'',
        "not a reply",
        CRASHED,
    ),
    replaces("os-write", "os.write", "os.write = lambda *args: 2**40", "took longer", TIMED_OUT),
    replaces(
        "kit",
        "the kit's own functions, in its process",
        f"import cs_lib.submission.worker as w\nw.call_on_copies = w.harnessed = {YES}",
        "is wrong",
    ),
    replaces(
        "main",
        "the answers of its process",
        "m = sys.modules['__main__']\nm.__dict__['hinge_forward'] = lambda *a: 0",
        "is wrong",
    ),
)
