"""report.html: what the class knows and does not, and what a human should look at."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from cs_lib.instructor.grading.reports.likeness import Pair
from cs_lib.instructor.grading.reports.page import code, counted, escaped, link_to_feedback, named, number, page
from cs_lib.instructor.grading.reports.pictures import scores_figure, standings_figure
from cs_lib.instructor.grading.reports.tally import DONE_IN_PART, GROUPS, Entry, Mistake, Tally
from cs_lib.instructor.grading.reports.whole_file import write_whole
from cs_lib.submission.outcomes import DONE

MOST_LINES = 200
"""How many lines a list may have; the rest is in grades.json."""
MOST_TESTS = 15
MOST_PAIRS = 50
HIDDEN = ' <span class="soft">(hidden)</span>'


def write_report(tally: Tally, pairs: Sequence[Pair] | None, path: Path) -> None:
    """Write the instructor's page.

    pairs: the submissions that are unusually alike, or None where nobody looked
    """
    sections = {
        "human": ("For a human to look at", _concerns(tally.concerns)),
        "scores": ("Scores", _scores(tally)),
        "exercises": ("Exercises", _exercises(tally)),
        "misconceptions": ("Misconceptions", _mistakes(tally)),
        "tests": ("Hardest checks", _tests(tally)),
        "alike": ("Unusually alike", _alike(pairs)),
        "late": ("Late and missing", _late(tally)),
    }
    links = "".join(f'<li><a href="#{key}">{title}</a></li>' for key, (title, _) in sections.items())
    title = tally.assignment.title
    header = (
        f'<p class="kicker">{escaped(title)}</p>\n<h1>Class report</h1>\n{_figures(tally)}\n'
        f'<nav aria-label="Sections"><ul>{links}</ul></nav>'
    )
    main = "\n".join(
        f'<section aria-labelledby="{key}">\n<h2 id="{key}">{title}</h2>\n{body}\n</section>'
        for key, (title, body) in sections.items()
    )
    write_whole(path, page(f"Class report: {title}", header, main, wide=True))


def _figures(tally: Tally) -> str:
    mean = f"{sum(tally.scores) / len(tally.scores):.1f}" if tally.scores else "–"
    people = len({entry.name for entry in tally.concerns})
    figures = [
        (f"{tally.graded:,}", f"graded, of {tally.total:,}"),
        (mean, f"mean score, of {number(tally.out_of)}"),
        (f"{people:,}", f"{'needs' if people == 1 else 'need'} a human"),
        (f"{len(tally.late):,}", "late"),
        (f"{len(tally.missing):,}", "missing"),
    ]
    return f'<ul class="figures">{"".join(f"<li><strong>{n}</strong>{what}</li>" for n, what in figures)}</ul>'


def _concerns(concerns: Sequence[Entry]) -> str:
    if not concerns:
        return "<p>Nothing: every submission was graded without a question left.</p>"
    rows = [
        f'<tr><th scope="row">{link_to_feedback(each.name, each.student)}</th>'
        f"<td>{code(each.exercise) + ': ' if each.exercise else ''}{escaped(each.line)}</td></tr>"
        for each in sorted(concerns, key=lambda each: (each.exercise != "", each.name, each.exercise, each.line))
    ]
    return _table(("Submission", "What happened"), rows)


def _scores(tally: Tally) -> str:
    if not tally.scores:
        return "<p>Nothing was graded.</p>"
    return scores_figure(sorted(tally.scores), tally.out_of)


def _exercises(tally: Tally) -> str:
    seen = [group for group in GROUPS if any(counts[group] for counts in tally.standings.values())]
    if not seen:
        return "<p>Nothing was graded.</p>"
    rows = []
    for name, counts in tally.standings.items():
        total = max(1, sum(counts.values()))
        cells = "".join(f'<td class="number">{counts[group] or ""}</td>' for group in seen)
        right = f"{(counts[DONE] + counts[DONE_IN_PART]) / total:.0%}"
        rows.append(f'<tr><th scope="row">{code(name)}</th><td class="number">{right}</td>{cells}</tr>')
    head = "".join(f'<th scope="col" class="number">{group}</th>' for group in ("right", *seen))
    return (
        f"{standings_figure(tally.standings)}\n<details><summary>The same in numbers</summary>\n"
        '<div class="scroll" role="region" aria-label="How each exercise stands, in numbers" tabindex="0"><table>'
        f'<thead><tr><th scope="col">Exercise</th>{head}</tr></thead>\n<tbody>{"".join(rows)}</tbody></table></div>'
        f"</details>"
    )


def _mistakes(tally: Tally) -> str:
    if not tally.mistakes:
        return "<p>No known mistake was found.</p>"
    order = sorted(tally.mistakes.items(), key=lambda each: (-len(each[1].students), each[0]))
    rows = [_mistake(exercise, title, mistake) for (exercise, title), mistake in order]
    note = '<p class="soft">Whose numbers fit several mistakes is counted in each of them.</p>'
    return note + _table(("Students", "Mistake and hint"), rows)


def _mistake(exercise: str, title: str, mistake: Mistake) -> str:
    count = len(mistake.students)
    who = ", ".join(link_to_feedback(each.name, each.student) for each in _by_name(mistake.students)[:MOST_LINES])
    more = f" and {count - MOST_LINES:,} more" if count > MOST_LINES else ""
    return (
        f'<tr><td class="number" data-label="Students"><strong>{count:,}</strong></td><td>{code(exercise)}: '
        f'<strong>{escaped(title)}.</strong> <span class="pre">{escaped(mistake.hint)}</span>'
        f"<details><summary>Who</summary>{who}{more}</details></td></tr>"
    )


def _tests(tally: Tally) -> str:
    failed = [(key, tries) for key, tries in tally.tests.items() if tries.failed]
    if not failed:
        return "<p>No check failed.</p>"
    order = sorted(failed, key=lambda each: (-each[1].failed, each[1].tried, each[0]))
    rows = [
        f'<tr><td class="number" data-label="Failed">{tries.failed / tries.tried:.0%}</td>'
        f'<td class="number" data-label="Count">{tries.failed:,} of {tries.tried:,}</td><td>{code(exercise)}: '
        f"{escaped(sentence)}{HIDDEN if hidden else ''}</td></tr>"
        for (exercise, sentence, hidden), tries in order[:MOST_TESTS]
    ]
    note = '<p class="soft">Of those who started the exercise.</p>'
    return note + _table(("Failed", "Count", "Check"), rows)


def _alike(pairs: Sequence[Pair] | None) -> str:
    if pairs is None:
        return "<p>Not looked for.</p>"
    if not pairs:
        return "<p>No two submissions share much that is unusual.</p>"
    rows = [
        f"<tr><td>{link_to_feedback(pair.names[0], pair.names[0])}</td>"
        f"<td>{link_to_feedback(pair.names[1], pair.names[1])}</td>"
        f'<td class="number" data-label="Share">{pair.share:.0%}</td>'
        f"<td>{', '.join(map(code, pair.exercises))}</td></tr>"
        for pair in pairs[:MOST_PAIRS]
    ]
    note = (
        "<p>Code in common that hardly anybody else wrote, whatever its names and comments: the share is of what is "
        "unusual in one of the two. It is a reason to read both, and no proof of anything.</p>"
    )
    more = f"<p>And {counted(len(pairs) - MOST_PAIRS, 'pair')} more.</p>" if len(pairs) > MOST_PAIRS else ""
    return note + _table(("One", "The other", "Share", "Where"), rows) + more


def _late(tally: Tally) -> str:
    parts = []
    for what, entries in (("Late", tally.late), ("Missing", tally.missing)):
        if entries:
            names = "".join(f"<li>{named(each.student)}</li>" for each in _by_name(entries))
            parts.append(f'<h3>{what}: {len(entries):,}</h3><ul class="names">{names}</ul>')
    return "\n".join(parts) or "<p>Nobody.</p>"


def _by_name(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda each: (each.student, each.name))


def _table(columns: Sequence[str], rows: Sequence[str]) -> str:
    """Return a table of rows in HTML, the first MOST_LINES of them."""
    head = "".join(f'<th scope="col">{each}</th>' for each in columns)
    more = f"<p>And {len(rows) - MOST_LINES:,} more, in grades.json.</p>" if len(rows) > MOST_LINES else ""
    body = "\n".join(rows[:MOST_LINES])
    return f'<table class="stack"><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>{more}'
