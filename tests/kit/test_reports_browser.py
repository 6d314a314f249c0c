"""The pages in a real browser: on a phone, in the dark, on paper, and with a student who tries to run a script."""

import shutil

import pytest

from cs_lib.course import load_assignment
from cs_lib.instructor.grading.reports import write_reports
from cs_lib.instructor.grading.result import GRADED, ExerciseOutcome, Result, TestOutcome
from cs_lib.submission.outcomes import DONE, NOT_STARTED, WRONG

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")

ASSIGNMENT = load_assignment("hw1_linear_classifiers")
WILD = "<img src=x onerror='window.hacked = 1'><script>window.hacked = 1</script>" + "unbroken" * 20
PAGES = ["feedback/ada.html", "report.html", "written.html"]

CONTRAST = """() => {
  const channels = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const luminance = colour => channels(colour).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (colour !== 'rgba(0, 0, 0, 0)') return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const ratios = [...document.querySelectorAll('h1, h2, h3, p, th, td, a, span, figcaption, summary, code, li')]
    .filter(element => element.textContent.trim())
    .map(element => [luminance(getComputedStyle(element).color), luminance(ground(element))])
    .map(([a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  return [ratios.length, Math.min(...ratios)];
}"""


@pytest.fixture(scope="module")
def grades(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grades")
    tests = (TestOutcome("It is right", "passed"), TestOutcome(WILD, WRONG, WILD), TestOutcome("h", WRONG, hidden=True))
    exercises = [
        ExerciseOutcome("predict_labels", "01_gradients", 1, 1, DONE, tests[:1]),
        ExerciseOutcome("softmax_loss_vectorized", "03_softmax_loss", 0, 3, WRONG, tests, (WILD,), (WILD,)),
        ExerciseOutcome("softmax", "03_softmax_loss", 0, 3, NOT_STARTED, (TestOutcome("r", NOT_STARTED, "not yet"),)),
    ]
    results = [
        Result("ada", GRADED, 55, 1, student=WILD, exercises=tuple(exercises), answers={"the-best-step": WILD}),
        Result("bob", GRADED, 55, 55, student="Bob", reason=WILD, late=True, exercises=tuple(exercises)),
    ]
    write_reports(ASSIGNMENT, folder, results, fingerprints={})
    return folder


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_can_be_read_and_runs_nothing(name, scheme, grades, browser):
    context = browser.new_context(color_scheme=scheme, viewport={"width": 390, "height": 844})
    page, said, asked = context.new_page(), [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    address = (grades / name).as_uri()
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    many, contrast = page.evaluate(CONTRAST)
    assert many > 20
    assert contrast >= 4.5
    assert (page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)") == (
        scheme == "light"
    )
    assert page.evaluate("window.hacked") is None
    assert asked == [address]
    assert said == []
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("main").count() == 1
    context.close()


def test_the_pictures_have_names_for_who_hears_the_page(grades, browser):
    page = browser.new_page()
    page.goto((grades / "report.html").as_uri())
    assert page.get_by_role("img", name="The scores of 2 submissions").count() == 1
    assert page.get_by_role("img", name="How each exercise stands").count() == 1
    page.close()


def test_a_dark_page_is_printed_black_on_white(grades, browser):
    page = browser.new_page(color_scheme="dark")
    page.goto((grades / "feedback" / "ada.html").as_uri())
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate(CONTRAST)[1] >= 4.5
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()
