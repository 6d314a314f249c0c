"""What the README shows is what a student sees, to the letter."""

import re

from cs_lib.checking import check
from cs_lib.checking.catalogue import entries, reference_module, wrong_function
from cs_lib.course import ROOT, find_exercise

README = (ROOT / "README.md").read_text(encoding="utf-8")


def shown(name):
    return re.search(rf"<!-- {name} -->\n```text\n(.*?)\n```", README, flags=re.DOTALL)[1]


def test_the_wrong_answer_in_the_readme_is_met_with_these_words():
    exercise = find_exercise("hinge_backward")
    mistake = next(each for each in entries(exercise) if each.title.startswith("The gradient is a sum over"))
    assert shown("wrong") == repr(check(wrong_function(exercise, (mistake,))))


def test_the_right_answer_in_the_readme_is_met_with_these_words():
    assert shown("right") == repr(check(reference_module(find_exercise("hinge_backward")).hinge_backward))


def test_the_links_of_every_readme_lead_somewhere():
    for readme in ROOT.rglob("README.md"):
        if any(part.startswith(".") for part in readme.relative_to(ROOT).parts):
            continue
        for target in re.findall(r"\]\(([^)#]+)\)", readme.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (readme.parent / target).exists(), f"{readme.relative_to(ROOT)} links to {target}"
