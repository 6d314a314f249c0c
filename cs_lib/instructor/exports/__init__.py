"""Take an assignment to where a course lives: Gradescope, nbgrader, GitHub Classroom.

Marks are given by the grader of `cs-lib grade` everywhere; nothing here grades.

    command      cs-lib export, from beginning to end
    one          one submission, graded as a class is
    parts        what a graded exercise says, part by part, in plain text
    bundle       files of the course put together, the same bytes every time
    gradescope   the autograder's zip, and `in_container`, what runs of it there
    nbgrader     the source notebooks, and `judge`, what their grading cells call
    classroom    the repository template
"""
