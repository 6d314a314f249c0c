"""Write what is read after grading: tables, a page for each student, the class report, the written answers.

whole_file    every file whole or not at all
sheet         rows that a spreadsheet shows and does not run
written       marks of written answers: written.csv out and in
table         grades.csv and grades.json
page          the look that all pages share
feedback      feedback/NAME.html, for a student
written_page  written.html, to mark by
tally         what the class did, counted
likeness      submissions that are unusually alike
pictures      the class in SVG
class_report  report.html, for the instructor
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from cs_lib.course import Assignment
from cs_lib.instructor.grading.reports.feedback import write_feedback
from cs_lib.instructor.grading.reports.likeness import Fingerprints, alike
from cs_lib.instructor.grading.reports.table import GradesJson, GradesTable
from cs_lib.instructor.grading.reports.tally import Tally
from cs_lib.instructor.grading.reports.whole_file import whole_file
from cs_lib.instructor.grading.reports.written import Marks, answered, write_table
from cs_lib.instructor.grading.reports.written_page import write_page
from cs_lib.instructor.grading.result import GRADED, MISSING, Result

__all__ = ["write_reports"]


def write_reports(
    assignment: Assignment,
    folder: Path,
    results: Iterable[Result],
    *,
    fingerprints: Mapping[str, Fingerprints] | None = None,
    marks: Marks | None = None,
) -> None:
    """Write all reports into `folder`, the same bytes for the same results.

    results: in the order in which they are to be listed; each is read once and let go
    fingerprints: for each submission, what `likeness.fingerprints` made of its code; None where that was not done
    marks: of written answers, where `written.merged` has read some

    Raises CourseError where there is a written.csv that is none, once everything else is written. Pages of submissions
    that are not among the results are left as they are.
    """
    # Imported late: a grader's workers take fingerprints, and should not wait for matplotlib.
    from cs_lib.instructor.grading.reports.class_report import write_report

    marks = marks or Marks()
    tally = Tally(assignment, marks)
    given: dict[str, dict[str, str]] = {}
    with whole_file(folder / "grades.csv") as csv_file, whole_file(folder / "grades.json") as json_file:
        table, everything = GradesTable(csv_file, assignment, marks), GradesJson(json_file, assignment, marks)
        for result in results:
            answers = answered(assignment, result)
            table.add(result)
            everything.add(result)
            tally.add(result)
            if result.status == GRADED:
                given[result.name] = answers
            if result.status != MISSING:
                write_feedback(assignment, folder / "feedback", result, answers, marks)
        everything.finish(tally.summary)
    write_report(tally, None if fingerprints is None else alike(assignment, fingerprints), folder / "report.html")
    write_page(assignment, given, marks, folder / "written.html")
    write_table(assignment, given, marks, folder / "written.csv")
