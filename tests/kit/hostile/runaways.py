"""Loops, recursion, memory, exits, and processes that live on after their submission."""

from typing import Any

from cs_lib.submission.outcomes import CRASHED, DONE, TIMED_OUT
from hostile.sample import REPORT, Sample, body

CHILDREN = 600
LINES = 1000
"""Of a megabyte each."""


def does(name: str, what: str, word: str, says: str, statements: str, head: str = "", **more: Any) -> Sample:
    """Return a sample that does this in a call, and then gives the right answer."""
    return Sample(name, what, word, says, body(statements, head), **more)


LOOP = "while True:\n    pass"
DEL = "class Clings(float):\n    def __del__(self):\n        while True: pass"
THREADS = """import threading
def beat():
    for _ in range(200):
        time.sleep(0.1)
"""
FORKS = f"""children = []
try:
    for _ in range({CHILDREN}):
        pid = os.fork()
        if not pid:
            time.sleep(20)
            os._exit(0)
        children.append(pid)
finally:
    for pid in children:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
report([f"{{len(children)}} processes"])"""
FILL = """written = 0
for i in range(12):
    with open(f"fill-{i}", "wb") as file:
        for _ in range(15):
            written += file.write(bytes(2**20))
report([f"{written >> 20} MB on the disk"])"""

SAMPLES = (
    does("prints", "prints 1 GB", DONE, "", f"line = 'x' * 2**20\nfor _ in range({LINES}):\n    print(line)"),
    does(
        "stderr", "warns, and writes to stderr", DONE, "", "import warnings\nwarnings.warn('x')\nos.write(2, b'failed')"
    ),
    Sample(
        "loads-forever",
        "an infinite loop while loading",
        TIMED_OUT,
        "running the notebook's own statements took longer than",
        "def forever():\n    while True:\n        pass\n\n"
        "def initial_hinge_loss(C, delta=1.0, _=forever()):\n    return (C - 1) * delta",
    ),
    does("loops", "an infinite loop in a call", TIMED_OUT, "initial_hinge_loss took longer than", LOOP),
    does("sleeps", "a call that sleeps", TIMED_OUT, "took longer than", "time.sleep(60)"),
    does("stops", "a process that stops itself", TIMED_OUT, "took longer than", "os.kill(os.getpid(), 19)"),
    does("del", "an infinite loop in __del__", TIMED_OUT, "took longer than", "x = Clings(3)", DEL),
    does(
        "atexit",
        "an infinite loop in an atexit handler",
        CRASHED,
        "raised SystemExit",
        "import atexit\natexit.register(lambda: [None for _ in iter(int, 1)])\nsys.exit()",
    ),
    does(
        "ignores-signals",
        "ignores all signals, and loops",
        TIMED_OUT,
        "took longer than",
        "import signal\n[signal.signal(i, signal.SIG_IGN) for i in (1, 2, 3, 13, 15)]\nwhile True:\n    pass",
    ),
    does("recursion", "recursion without end", CRASHED, "RecursionError", "return initial_hinge_loss(C)"),
    does(
        "deep-recursion",
        "recursion without a limit",
        CRASHED,
        "initial_hinge_loss ",
        "sys.setrecursionlimit(10**9)\nreturn sorted([C], key=initial_hinge_loss)",
    ),
    does("memory", "allocates 8 GB", CRASHED, "MemoryError", "return bytearray(8 * 2**30)"),
    does(
        "memory-by-parts",
        "allocates in small parts",
        CRASHED,
        "MemoryError",
        "import numpy\nparts = [numpy.empty(2**26, numpy.int8) for _ in range(96)]",
    ),
    does(
        "fork-bomb",
        f"starts {CHILDREN} processes",
        CRASHED,
        "Resource temporarily unavailable",
        FORKS,
        REPORT,
        needs_sandbox=True,
        also=TIMED_OUT,
        without="",
    ),
    does(
        "threads",
        "threads that live on",
        DONE,
        "",
        "[threading.Thread(target=beat).start() for _ in range(3)]",
        THREADS,
    ),
    does("exits-hard", "os._exit(0)", CRASHED, "ended its process with exit code 0", "os._exit(0)"),
    does("exits", "sys.exit()", CRASHED, "raised SystemExit", "sys.exit()"),
    does("interrupts", "KeyboardInterrupt", CRASHED, "raised KeyboardInterrupt", "raise KeyboardInterrupt"),
    does(
        "raises-base",
        "an exception of its own kind",
        CRASHED,
        "raised E",
        "raise type('E' * 300, (BaseException,), {})",
    ),
    does(
        "segfault",
        "a segmentation fault",
        CRASHED,
        "ended its process: Segmentation fault",
        "import ctypes\nctypes.string_at(0)",
    ),
    does("aborts", "an abort", CRASHED, "ended its process: Aborted", "os.abort()"),
    does("large-file", "writes a file of 64 MB", CRASHED, "raised OSError", "open('f', 'wb').write(bytes(2**26))"),
    does(
        "fills-disk",
        "fills its disk",
        CRASHED,
        "No space left",
        FILL,
        REPORT,
        needs_sandbox=True,
        also=TIMED_OUT,
        without="",
    ),
    does(
        "open-files",
        "opens 5,000 files",
        CRASHED,
        "Too many open files",
        "files = [open(os.devnull) for _ in range(5000)]",
    ),
)
