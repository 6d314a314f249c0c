"""The shell that all pages share: one look, light and dark, on a phone and on paper; no script, nothing fetched."""

import html
import re
from pathlib import Path
from urllib.parse import quote

from cs_lib.checking.marking import PASSED
from cs_lib.checking.report import SIGNS
from cs_lib.submission.outcomes import CRASHED, DONE, NOT_JUDGED, NOT_STARTED, TIMED_OUT, WRONG

NOT_PASSED = "not passed"
"""All that a student is told of a hidden test that did not pass."""

UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# Even where a text slipped through unescaped, the browser would run no script and ask no other machine for anything.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def page(title: str, header: str, main: str, *, wide: bool = False) -> str:
    """Return a whole HTML page; `title` is plain text, `header` and `main` are HTML."""
    body = ' class="wide"' if wide else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escaped(' '.join(title.split()))}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body{body}>\n<header>\n{header}\n</header>\n<main>\n{main}\n</main>\n</body>\n</html>\n"
    )


def escaped(text: str) -> str:
    """Return text as HTML that shows it; a control code, which HTML cannot hold, becomes `�`."""
    return html.escape(UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n")))


def named(text: str) -> str:
    """Return somebody's name as HTML: whatever its direction of writing, it does not turn what stands around it."""
    return f"<bdi>{escaped(' '.join(text.split()))}</bdi>"


def code(name: str) -> str:
    """Return the name of a function as HTML; where it does not fit into its line it breaks after an underscore."""
    return f"<code>{escaped(name).replace('_', '_<wbr>')}</code>"


def standing(words: str) -> str:
    """Return how something stands, such as `done` or `crashed`, with the sign and the colour that belong to it."""
    word = DONE if words.startswith(DONE) else words
    return f'<span class="word {_tone(word)}">{_sign(word)} {escaped(words)}</span>'


def number(value: float) -> str:
    """Return points as people write them: `3`, `2.5`."""
    return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"


def counted(count: int, singular: str, plural: str = "") -> str:
    """Return `1 student`, `12 students`; `plural` where it is not made by an s."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def link_to_feedback(name: str, shown: str) -> str:
    """Return a link from the instructor's pages to a submission's page of feedback."""
    return f'<a href="feedback/{quote(name, safe="", errors="replace")}.html">{named(shown)}</a>'


def _tone(word: str) -> str:
    if word in (WRONG, CRASHED, TIMED_OUT, NOT_JUDGED, NOT_PASSED):
        return "bad"
    return "good" if word in (DONE, PASSED) else "grey"


def _sign(word: str) -> str:
    return SIGNS.get(word, SIGNS[WRONG] if word == NOT_PASSED else SIGNS[NOT_STARTED])
