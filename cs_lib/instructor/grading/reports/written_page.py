"""written.html: each written question with its marking guide, and beside it every answer."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from cs_lib.course import ROOT, Assignment, Notebook, Question
from cs_lib.instructor import notebook_file
from cs_lib.instructor.grading.reports.page import counted, escaped, link_to_feedback, named, number, page
from cs_lib.instructor.grading.reports.whole_file import write_whole
from cs_lib.instructor.grading.reports.written import Marks, questions
from cs_lib.instructor.sync import written_answers

GUIDE = "\n### Marking guide\n"
PROMPT = "**Question"
"""What a question's paragraph in the student notebook starts with."""


def write_page(assignment: Assignment, given: Mapping[str, Mapping[str, str]], marks: Marks, path: Path) -> None:
    """Write the page, where the assignment asks written questions.

    given: for each submission, its answers by question
    """
    every = questions(assignment)
    if not every:
        return
    contents = "".join(f'<li><a href="#{escaped(each.name)}">{escaped(titled(each.name))}</a></li>' for each in every)
    header = (
        f'<p class="kicker">{escaped(assignment.title)}</p>\n<h1>Written answers</h1>\n'
        f"<p>{counted(len(given), 'submission')}. Fill the points into <code>written.csv</code> beside this page, and "
        f"grade again with <code>--written</code> and that file.</p>\n"
        f'<nav aria-label="Questions"><ul>{contents}</ul></nav>'
    )
    main = [
        part
        for notebook in assignment.notebooks
        for question in notebook.questions
        for part in _section(assignment, notebook, question, given, marks)
    ]
    write_whole(path, page(f"Written answers: {assignment.title}", header, "".join(main), wide=True))


def titled(question: str) -> str:
    """Return a question's name as words: `the-best-step` gives `The best step`."""
    words = question.replace("-", " ")
    return words[:1].upper() + words[1:]


def marking_guides(module: str) -> dict[str, str]:
    """Return the marking guides in cs_lib/reference/MODULE.md, in Markdown, by question."""
    text = (ROOT / "cs_lib" / "reference" / f"{module}.md").read_text(encoding="utf-8")
    sections = (section.partition("\n") for section in text.split("\n## ")[1:])
    return {name.strip(): body.partition(GUIDE)[2].strip() for name, _, body in sections}


def question_texts(assignment: Assignment, notebook: Notebook) -> dict[str, str]:
    """Return what the student notebook asks, in Markdown: the paragraph before each answer that starts with PROMPT."""
    texts, asked = {}, ""
    for cell in notebook_file.read(assignment.folder / f"{notebook.name}.ipynb")["cells"]:
        question = notebook_file.tagged(cell, "question")
        if question:
            texts[question], asked = asked, ""
            continue
        paragraphs = notebook_file.source(cell).split("\n\n") if cell["cell_type"] == "markdown" else []
        asked = next((each for each in paragraphs if each.startswith(PROMPT)), asked)
    return texts


def _section(
    assignment: Assignment,
    notebook: Notebook,
    question: Question,
    given: Mapping[str, Mapping[str, str]],
    marks: Marks,
) -> Iterator[str]:
    name = escaped(question.name)
    asked = question_texts(assignment, notebook).get(question.name, "").replace("**", "")
    model = written_answers(notebook.module).get(question.name, "")
    yield f'<section aria-labelledby="{name}">\n<h2 id="{name}">{escaped(titled(question.name))}</h2>\n'
    yield f'<p class="soft">{escaped(notebook.title)}, {counted(question.points, "point")}</p>\n'
    yield f"<p>{escaped(_unwrapped(asked))}</p>\n" if asked else ""
    yield '<div class="beside">\n<aside class="note" aria-label="Marking guide">\n<h3>Marking guide</h3>\n'
    yield _list(marking_guides(notebook.module).get(question.name, ""))
    yield f'<details><summary>Model answer</summary><p class="pre">{escaped(_unwrapped(model))}</p></details>\n'
    yield "</aside>\n<div>\n"
    yield from (
        _answer(who, texts[question.name], question, marks) for who, texts in given.items() if question.name in texts
    )
    silent = [link_to_feedback(who, who) for who, texts in given.items() if question.name not in texts]
    if silent:
        yield f"<p><strong>No answer in {counted(len(silent), 'submission')}:</strong> {', '.join(silent)}</p>\n"
    yield "</div>\n</div>\n</section>\n"


def _answer(who: str, text: str, question: Question, marks: Marks) -> str:
    mark = marks.of(who).get(question.name)
    stands = f"{number(mark.points)} of {question.points}" if mark else "not marked yet"
    comment = f'<p class="said soft">{escaped(mark.comment)}</p>' if mark and mark.comment else ""
    return (
        f'<article class="card"><div class="head"><h3>{named(who)}</h3><span class="soft">{stands}</span></div>'
        f'<p class="pre">{escaped(text)}</p>{comment}</article>\n'
    )


def _list(markdown: str) -> str:
    """Return a list in Markdown as HTML."""
    items = (f"\n{markdown}").split("\n- ")[1:]
    if not items:
        return f'<p class="pre">{escaped(markdown)}</p>\n'
    return f"<ul>{''.join(f'<li>{escaped(_unwrapped(item))}</li>' for item in items)}</ul>\n"


def _unwrapped(text: str) -> str:
    """Return paragraphs whose lines were broken at a fixed width, each in one line."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
