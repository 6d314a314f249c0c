"""Mark answers given as source text with whichever cs_lib is on the path: run by test_records.py, here and in a kit.

Read from standard input: JSON, for each notebook [assignment, notebook, [[module's text, answer's text, name], …]].
Written to standard output: JSON, all reports in order, as text and as HTML.
"""

import json
import sys

from cs_lib.checking.doors import LiveNotebook
from cs_lib.checking.report import CheckReport
from cs_lib.checking.running import public_tests, serve_tests
from cs_lib.course import load_assignment


def reports(assignment, notebook, answers):
    """Return what the public tests of one notebook say of each answer."""
    found = []

    def work(run):
        for module, answer, name in answers:
            namespace = {"__name__": "notebook"}
            exec(module, namespace)
            exec(answer, namespace)
            for mark in run(LiveNotebook(namespace, name)):
                found.append([repr(CheckReport(mark)), CheckReport(mark)._repr_html_()])

    serve_tests([public_tests(load_assignment(assignment), load_assignment(assignment).notebook(notebook))], work)
    return found


def main():
    json.dump([report for task in json.load(sys.stdin) for report in reports(*task)], sys.stdout)
