"""Hand out submissions to worker processes, and lose none when a worker dies."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection, wait

from cs_lib.course import ROOT, CourseError
from cs_lib.instructor.grading.jobs import DiskFull, Graded, Hello, Job, Terms, Trouble
from cs_lib.submission.bubblewrap import ONE_THREAD

BOOT = """
import sys
sys.path.insert(0, sys.argv[1])
from cs_lib.instructor.grading.worker import main
main(int(sys.argv[2]))
"""
LOOK_SECONDS = 0.5
"""How often workers are looked at that have nothing to say."""
MAX_FAILED_STARTS = 3
STOP_SECONDS = 1.0
"""How long a worker may take to end what it has started, before it is killed."""
DIED = "the grader's process ended twice while it graded this"


class Worker:
    """One process that grades; see cs_lib.instructor.grading.worker."""

    def __init__(self, terms: Terms) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            # Not `-m`, and `-P`: a submission's numpy.py in the current directory must shadow nothing.
            command = [sys.executable, "-P", "-c", BOOT, str(ROOT), str(theirs.fileno())]
            environment = os.environ | ONE_THREAD
            # In a session of its own, Ctrl-C reaches only whoever started it, and that ends the worker in order.
            self.process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )
        self.connection: Connection = Connection(ours.detach())
        self.connection.send(terms)
        self.job: Job | None = None
        self.is_ready = False
        self.until = 0.0
        # Loading, diagnosing and comparing come on top of the calls that the limit is for.
        self.patience = 2 * terms.submission_seconds + 120

    def give(self, job: Job) -> None:
        """Send a submission to grade; a worker that is dead is found out later."""
        self.job, self.until = job, time.monotonic() + self.patience
        with contextlib.suppress(OSError):
            self.connection.send(job)

    def receive(self) -> Hello | Graded | Trouble | None:
        """Return what the worker says next, or None where it is dead."""
        try:
            message: Hello | Graded | Trouble = self.connection.recv()
        except (EOFError, OSError):
            return None
        return message

    @property
    def is_gone(self) -> bool:
        """Whether the process has ended without another word, or has taken longer than can be right."""
        late = self.job is not None and time.monotonic() > self.until
        return late or (self.process.poll() is not None and not self.connection.poll())

    def stop(self) -> None:
        """Ask the process to end, which it does with all that it has started."""
        with contextlib.suppress(OSError):
            self.process.send_signal(signal.SIGTERM)

    def close(self, seconds: float = 0.0) -> None:
        """Wait until the process has ended, and kill it when it takes too long."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        self.process.kill()
        self.process.wait()
        self.connection.close()


class Pool:
    """At most so many workers: the first is started at once, the others when there is work for them."""

    def __init__(self, terms: Terms, jobs: int) -> None:
        self.terms = terms
        self.most = jobs
        self.workers = [Worker(terms)]
        self.failed_starts = 0
        self.again: list[Job] = []
        self.tried: set[str] = set()

    def grade(self, jobs: Sequence[Job]) -> Iterator[Graded]:
        """Yield a line for each submission as it is graded, in whatever order that is.

        Raises DiskFull, and CourseError where the workers cannot work.
        """
        todo = iter(jobs)
        self.workers += [Worker(self.terms) for _ in range(min(self.most, len(jobs)) - 1)]
        while True:
            for worker in self.workers:
                if worker.job is None and (job := self._next(todo)):
                    worker.give(job)
            busy = [worker for worker in self.workers if worker.job]
            if not busy:
                return
            ready = wait([worker.connection for worker in busy], LOOK_SECONDS)
            for worker in busy:
                if worker.connection in ready or worker.is_gone:
                    yield from self._heard(worker, worker.receive() if worker.connection in ready else None)

    def close(self) -> None:
        """End all workers and all that they have started."""
        for worker in self.workers:
            worker.stop()
        deadline = time.monotonic() + STOP_SECONDS
        for worker in self.workers:
            worker.close(max(0.0, deadline - time.monotonic()))

    def _next(self, todo: Iterator[Job]) -> Job | None:
        return self.again.pop() if self.again else next(todo, None)

    def _heard(self, worker: Worker, message: Hello | Graded | Trouble | None) -> Iterator[Graded]:
        if isinstance(message, Trouble):
            raise DiskFull(message.message) if message.full else CourseError(message.message)
        if isinstance(message, Hello):
            worker.is_ready, self.failed_starts = True, 0
        elif isinstance(message, Graded):
            worker.job = None
            yield message
        else:
            self._replace(worker)

    def _replace(self, worker: Worker) -> None:
        """Put a new worker in the place of a dead one; what it was grading is tried once more, and then told."""
        worker.close()
        job = worker.job
        if not worker.is_ready:
            self.failed_starts += 1
            if self.failed_starts >= MAX_FAILED_STARTS:
                raise CourseError("the processes that grade do not start; what they said stands above")
        elif job and job.failed:
            raise CourseError(f"{job.submission.name}: the grader's process ends whenever it comes to this submission")
        elif job and job.submission.name in self.tried:
            job = replace(job, failed=DIED)
        elif job:
            self.tried.add(job.submission.name)
        if job:
            self.again.append(job)
        self.workers[self.workers.index(worker)] = Worker(self.terms)
