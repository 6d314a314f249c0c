"""Send submissions to a Dask cluster: the unit of work is the one that a process of this machine does.

A submission travels with its task, and its result comes back and is written here, so that the machines of the cluster
need no common disk: only cs_lib and the same tests. Dask gives the tasks of a machine that is lost to another one.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

from cs_lib.course import CourseError, load_assignment
from cs_lib.instructor.grading.intake import Submission
from cs_lib.instructor.grading.jobs import Graded, Job, Terms
from cs_lib.instructor.grading.pool import Pool
from cs_lib.instructor.grading.result import from_json
from cs_lib.instructor.grading.store import Store
from cs_lib.instructor.grading.unit import digest_of_submission, digest_of_tests, grounds
from cs_lib.instructor.grading.worker import line_on
from cs_lib.submission.notebook import MAX_BYTES

CONNECT_SECONDS = 30
AHEAD = 2
"""How many submissions are sent for each core of the cluster, so that none waits for the next."""
FEWEST_AHEAD = 8
LOST = "the machines of the cluster that graded this were lost"


@dataclass(frozen=True)
class Parcel:
    """One submission with all that is needed to grade it elsewhere."""

    terms: Terms
    submission: Submission
    files: tuple[tuple[str, int, bytes | None], ...]
    """(name, size, bytes) of each file; no bytes where there are more than anybody reads."""


class Cluster:
    """Grades on the cluster whose scheduler is at `address`; raises CourseError where there is none."""

    def __init__(self, address: str, terms: Terms) -> None:
        try:
            import distributed
        except ImportError:
            raise CourseError("--dask needs Dask: pip install 'cs-lib[cluster]'") from None
        try:
            self.client: Any = distributed.Client(address, timeout=CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            raise CourseError(f"no Dask scheduler answers at {address}: {error}") from None
        self.completed: Any = distributed.as_completed()
        self.terms = terms
        self.assignment = load_assignment(terms.assignment)
        self.grounds = grounds(terms, self.assignment)
        self.waiting: dict[str, Job] = {}

    def grade(self, jobs: Sequence[Job]) -> Iterator[Graded]:
        """Yield a line for each submission as it is graded; raises DiskFull, and CourseError where it cannot go on."""
        todo = iter(jobs)
        ahead = max(FEWEST_AHEAD, AHEAD * sum(self.client.nthreads().values()))
        while True:
            while len(self.waiting) < ahead and (job := next(todo, None)):
                known = self._kept(job)
                if known:
                    yield known
                else:
                    self._send(job)
            if not self.waiting:
                return
            yield self._received(next(self.completed))

    def close(self) -> None:
        """Call back what has been sent, and leave the cluster."""
        self.client.cancel(list(self.completed.futures))
        self.client.close()

    def _kept(self, job: Job) -> Graded | None:
        assert job.grades is not None
        expected = {**self.grounds, "submission": digest_of_submission(job.submission)}
        # How the machines of the cluster shut submissions in is theirs to say.
        known = None if job.again else Store(job.grades).kept(job.submission, expected, but="protection")
        return replace(line_on(known), kept=True) if known else None

    def _send(self, job: Job) -> None:
        parcel = Parcel(self.terms, job.submission, tuple(_packed(path) for path in job.submission.files))
        future = self.client.submit(grade_parcel, parcel, pure=False, retries=1)
        self.waiting[future.key] = job
        self.completed.add(future)

    def _received(self, future: Any) -> Graded:
        job = self.waiting.pop(future.key)
        assert job.grades is not None
        if future.status == "error":
            return self._lost(job, future.exception())
        if future.status != "finished":
            raise CourseError("the Dask cluster is gone; the same command goes on from here when it is back")
        line: Graded = future.result()
        result = from_json(line.result)
        if result.graded_from["tests"] != digest_of_tests(self.assignment):
            raise CourseError("the cluster grades with other tests than these; bring its copy of the course up to date")
        Store(job.grades).write(result, line.prints)
        return replace(line, result="", prints={})

    def _lost(self, job: Job, error: BaseException) -> Graded:
        """Write of a submission that took its machines with it what is to be said; raises what is nobody's fault."""
        from distributed import KilledWorker

        if not isinstance(error, KilledWorker):
            raise CourseError(f"the cluster cannot grade: {type(error).__name__}: {error}") from None
        pool = Pool(self.terms, 1)
        try:
            return next(pool.grade([replace(job, failed=LOST)]))
        finally:
            pool.close()


def grade_parcel(parcel: Parcel) -> Graded:
    """Grade a submission on a machine of the cluster, and return its line with its result."""
    with tempfile.TemporaryDirectory(prefix="parcel-", ignore_cleanup_errors=True) as folder:
        paths = [_unpacked(Path(folder) / str(i), each) for i, each in enumerate(parcel.files)]
        submission = replace(parcel.submission, files=tuple(paths))
        pool = _taken(parcel.terms)
        try:
            return next(pool.grade([Job(submission, grades=None)]))
        finally:
            _give_back(pool)


_pools: list[Pool] = []
_lock = Lock()


def _taken(terms: Terms) -> Pool:
    """Return a process that grades, and is at nobody else's work; it is kept for the next submission."""
    with _lock:
        for pool in _pools:
            if pool.terms == terms:
                _pools.remove(pool)
                return pool
    return Pool(terms, 1)


def _give_back(pool: Pool) -> None:
    with _lock:
        _pools.append(pool)


def _packed(path: Path) -> tuple[str, int, bytes | None]:
    size = path.stat().st_size
    return path.name, size, path.read_bytes() if size <= MAX_BYTES else None


def _unpacked(folder: Path, file: tuple[str, int, bytes | None]) -> Path:
    name, size, content = file
    folder.mkdir()
    path = folder / name
    with path.open("wb") as target:
        if content is None:
            target.truncate(size)
        else:
            target.write(content)
    return path
