"""Looking for answers in memory, files and processes; writing where a submission should not; the network.

A secret is a word `CANARY-PLACE-…` (see scene.py). All of these end with what they reached, in their row.
"""

from cs_lib.submission.outcomes import CRASHED
from hostile.sample import REPORT, Sample, body

SECRETS = """import re
SECRET = re.compile("CAN" + "ARY-[a-z]+-[0-9a-f]{8}")

def secrets(path):
    try:
        with open(path, errors="ignore") as file:
            return SECRET.findall(file.read(10**6))
    except OSError:
        return []

def below(roots, seconds=0.5, most=20_000):
    until, seen, found = time.monotonic() + seconds, 0, []
    for root in roots:
        for folder, _, names in os.walk(root):
            for name in names:
                seen += 1
                if seen > most or time.monotonic() > until:
                    return found
                if name.endswith((".py", ".ipynb", ".json", ".txt", ".toml", ".csv")):
                    found += secrets(os.path.join(folder, name))
    return found

def processes():
    if not os.path.isdir("/proc"):
        return []
    return [each for each in os.listdir("/proc") if each.isdecimal() and int(each) != os.getpid()]

def told(pid, what):
    try:
        with open(f"/proc/{pid}/{what}", "rb") as file:
            return file.read(10**5).decode(errors="ignore").split("\\0")
    except OSError:
        return []

def ours():
    # Only what belongs to this grading run: nobody else's processes are any business of a test.
    return [int(pid) for pid in processes() if any("@RUN@" in each for each in told(pid, "environ"))]
"""


def goes_for(name: str, what: str, statements: str, *, needs_sandbox: bool = True, without: str = "reached") -> Sample:
    """Return a sample whose statements fill the list `reached`."""
    code = body(f"reached = []\n{statements}\nreport(sorted(set(reached)))", REPORT + SECRETS)
    return Sample(
        f"goes-for-{name}", what, CRASHED, "reached nothing", code, needs_sandbox=needs_sandbox, without=without
    )


def reads(name: str, what: str, place: str, canary: str) -> Sample:
    """Return a sample that reads the files in a place which it was told."""
    return goes_for(name, what, f'reached = below(["{place}"])', without=canary)


MEMORY = """import gc
words = ("cs_lib.reference", "cs_lib.instructor", "_pytest", "cs_lib.checking.pytest_plugin")
reached += [word for word in words for each in sys.modules if each.startswith(word)]
for each in gc.get_objects():
    home = str(getattr(each, "__module__", ""))
    reached += [word for word in words if home.startswith(word)]
    if type(each) is dict:
        reached += [key for key in list(each) if type(key) is str and key in ("expected", "misconceptions")]
    if type(each) in (dict, list, tuple):
        parts = list(each.values()) if type(each) is dict else each
        reached += [found for part in parts if type(part) is str for found in SECRET.findall(part[:10**5])]"""
IMPORTS = """for name in ("cs_lib.reference.hinge_loss", "cs_lib.instructor.stubs"):
    try:
        __import__(name)
        reached.append(name)
    except ImportError:
        pass"""
FRAMES = """frame = sys._getframe()
while frame:
    names = {**frame.f_globals, **frame.f_locals}
    reached += [name for name in names if name in ("expected", "reference", "student", "grader", "case")]
    frame = frame.f_back"""
PROC = """for pid in processes():
    for what in ("cmdline", "environ", "maps"):
        for each in told(pid, what):
            reached += SECRET.findall(each)
            if os.path.isabs(each) and os.path.exists(each) and "@RUN@" in each:
                reached += below([each], seconds=0.2)
    for what in ("cwd", "root"):
        try:
            link = os.readlink(f"/proc/{pid}/{what}")
        except OSError:
            continue
        if "@RUN@" in link:
            reached += [link, *below([f"/proc/{pid}/{what}"], seconds=0.2)]"""
MEM = """for pid in ours():
    try:
        lines = open(f"/proc/{pid}/maps").read().split("\\n")
        with open(f"/proc/{pid}/mem", "rb") as memory:
            for line in lines:
                if "[heap]" in line:
                    start, end = (int(each, 16) for each in line.split()[0].split("-"))
                    memory.seek(start)
                    reached += SECRET.findall(memory.read(min(end - start, 2**26)).decode("latin-1"))
    except OSError:
        pass"""
WALK = """import cs_lib, numpy
roots = [os.path.dirname(os.path.dirname(each.__file__)) for each in (cs_lib, numpy)]
roots += [*filter(None, sys.path), os.getcwd(), os.path.dirname(os.getcwd()), os.path.expanduser("~")]
reached += below(roots) + below([os.path.dirname(os.path.dirname(each)) for each in roots])"""
HOME = """import pwd
homes = [each.partition("=")[2] for pid in processes() for each in told(pid, "environ") if each.startswith("HOME=")]
try:
    homes += [pwd.getpwuid(os.getuid()).pw_dir]
except KeyError:
    pass
reached += [found for home in homes for found in secrets(os.path.join(home, "notes.txt"))]"""
ENVIRONMENT = """reached += SECRET.findall(str(dict(os.environ)))
for pid in ["self", *processes()]:
    reached += SECRET.findall(str(told(pid, "environ")))"""
NETWORK = """import socket
for family, address in ((socket.AF_INET, ("127.0.0.1", int("@PORT@"))), (socket.AF_UNIX, "\\0@SOCKET@")):
    try:
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.connect(address)
            reached.append(f"family {int(family)}")
    except OSError:
        pass"""
WRITE = """for path in ({paths}):
    try:
        with open(path, "a") as file:
            file.write(" ")
        reached.append("writing")
    except OSError:
        pass"""
KILL = """for pid in ours():
    try:
        os.kill(pid, 0)
        reached.append("a process")
    except OSError:
        pass
parent = os.getppid()
if parent > 1 or (parent and not os.path.isdir("/proc")):  # number 1 is the system's own, but in a sandbox
    try:
        os.kill(parent, 9)
    except OSError:
        pass"""
ESCAPE = """if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(60)", "@RUN@-escapee"])
    os._exit(0)
time.sleep(0.3)
reached += []"""


def writes(name: str, what: str, *paths: str) -> Sample:
    """Return a sample that writes into these files."""
    listed = "".join(f'"{path}", ' for path in paths)
    return goes_for(name, what, WRITE.format(paths=listed), without="reached writing")


SAMPLES = (
    goes_for("memory", "looks for answers in all objects", MEMORY, needs_sandbox=False),
    goes_for("frames", "looks for answers in the frames that called it", FRAMES, needs_sandbox=False),
    goes_for(
        "modules",
        "imports the answers",
        IMPORTS,
        needs_sandbox=False,
    ),
    reads("hidden-tests", "reads the hidden tests", "@COURSE@/tests", "CANARY-hidden"),
    reads("reference", "reads the reference", "@COURSE@/cs_lib/reference", "CANARY-reference"),
    reads("anothers-work", "reads another student's notebook", "@SUBMISSIONS@/aaa-canary", "CANARY-student"),
    reads("grades", "reads the grades", "@GRADES@", "CANARY-grades"),
    goes_for("home", "reads the home directory", HOME, without="CANARY-home"),
    goes_for("files", "walks through all files near the packages it has", WALK, needs_sandbox=False),
    goes_for("processes", "looks for paths in /proc", PROC, without="CANARY-"),
    goes_for("others-memory", "reads the memory of other processes", MEM, without=""),
    goes_for("environment", "looks for secrets in environments", ENVIRONMENT, without="CANARY-environment"),
    goes_for("network", "connects to a listener on the loopback", NETWORK, without="reached family 1 family 2"),
    writes("own-notebook", "writes into its own notebook", "@SUBMISSIONS@/goes-for-own-notebook.ipynb"),
    writes("results", "writes into the grades", "@GRADES@/stolen.json", "@GRADES@/results/aaa-canary.json"),
    writes("anothers-notebook", "writes into another student's work", "@SUBMISSIONS@/aaa-canary/stolen.py"),
    writes("reference-room", "writes into the reference", "@COURSE@/cs_lib/reference/stolen.py"),
    writes("library", "writes into the library it is given", "@COURSE@/cs_lib/stolen.py"),
    goes_for("grader", "looks for the grader's processes, and kills its parent", KILL, without="reached a process"),
    goes_for("life", "leaves its process group, and lives on", ESCAPE, without="reached nothing"),
)
