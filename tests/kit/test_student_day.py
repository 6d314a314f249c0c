"""A student's day in a real browser: from the released kit to full marks on the feedback page."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from cs_lib.course import ROOT
from cs_lib.instructor import notebook_file

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")
HW1 = "hw1_linear_classifiers"
SOLVED = ROOT / "assignments" / HW1 / "solutions"
WRONG = "def predict_labels(scores):\n    return scores.argmax(axis=0)"
RIGHT = "def predict_labels(scores):\n    return scores.argmax(axis=1)"
PATIENCE = 40_000
"""Milliseconds that the browser waits for what must come."""


@pytest.fixture(scope="module")
def kit(released, tmp_path_factory) -> Path:
    """A student's kit, to work in."""
    return Path(shutil.copytree(released.kit, tmp_path_factory.mktemp("student") / "kit"))


@pytest.fixture(scope="module")
def lab(kit, tmp_path_factory):
    """The address of JupyterLab on the kit's assignments, as `./setup_env.sh lab` starts it."""
    home = tmp_path_factory.mktemp("home")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--IdentityProvider.token=", f"--ServerApp.root_dir={kit / 'assignments'}"]
    places = {name: str(home) for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR")}
    process = subprocess.Popen(
        command,
        cwd=kit,
        env={**os.environ, **places, "PYTHONPATH": str(kit)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{address}/api", timeout=5)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("JupyterLab does not start")


@pytest.fixture(scope="module")
def page():
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=[*QUIET])
        page = browser.new_page(viewport={"width": 1200, "height": 1400})
        page.set_default_timeout(PATIENCE)
        playwright.expect.set_options(timeout=PATIENCE)
        yield page
        browser.close()


def test_from_the_untouched_notebook_to_full_marks(lab, page, kit, released, tmp_path):
    page.goto(f"{lab}/doc/tree/{HW1}/01_gradients.ipynb?reset")
    cells = page.locator(".jp-CodeCell")
    # Asked to run before its kernel is there, JupyterLab asks back which kernel that should be.
    page.add_locator_handler(page.locator(".jp-Dialog"), lambda dialog: dialog.locator(".jp-mod-accept").click())
    playwright.expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.locator(".lm-Menu-itemLabel").get_by_text("Run All Cells", exact=True).click()

    exercise = cells.filter(has_text="YOUR CODE HERE").filter(has_text="def predict_labels").first
    checking = cells.filter(has_text="check(predict_labels)").last
    exercise.scroll_into_view_if_needed()
    playwright.expect(checking).to_contain_text("not started")
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0

    answer(page, exercise, WRONG)
    typed = (
        cells.filter(has_text="argmax(axis=0)")
        .filter(has_not_text="a_mistake_on_purpose")
        .filter(has_not_text="the highest score of each column")
    )
    playwright.expect(checking).to_contain_text("wrong")
    playwright.expect(checking).to_contain_text("looked for down each column")

    answer(page, typed.first, RIGHT)
    playwright.expect(checking).to_contain_text("done")
    page.keyboard.press("Control+s")
    saved = kit / "assignments" / HW1 / "01_gradients.ipynb"
    wait_until(lambda: "argmax(axis=1)" in saved.read_text(encoding="utf-8"))

    do_the_rest(saved)
    submitted = cs_lib(kit, "submit", HW1, "--name", "Ada Lovelace", "--output", str(tmp_path / "class"))
    assert submitted.returncode == 0, submitted.stderr
    graded = released.course.cs_lib("grade", HW1, str(tmp_path / "class"), "-o", str(tmp_path / "grades"))
    assert graded.returncode == 0, graded.stderr
    [feedback] = (tmp_path / "grades" / "feedback").glob("*.html")
    page.goto(feedback.as_uri())
    playwright.expect(page.locator("body")).to_contain_text("61 of 61")


def answer(page, cell, code: str) -> None:
    """Type into a cell as a student does who replaces all of it, run it, and run the check below."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")


def wait_until(holds, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def do_the_rest(first: Path) -> None:
    """Answer everything else: the other notebooks, and the other exercises of the one that was worked in."""
    for name in ("02_hinge_loss", "03_softmax_loss"):
        shutil.copy(SOLVED / f"{name}.ipynb", first.parent)
    own, solved = notebook_file.read(first), notebook_file.read(SOLVED / first.name)
    answers = {name: cell for cell in solved["cells"] for name in notebook_file.defined(cell)}
    for cell in own["cells"]:
        for name in notebook_file.defined(cell) & answers.keys() - {"predict_labels"}:
            cell["source"] = answers[name]["source"]
    first.write_text(notebook_file.text(own), encoding="utf-8")


def cs_lib(kit: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", "from cs_lib.cli import main; raise SystemExit(main())", *arguments]
    env = {**os.environ, "PYTHONPATH": str(kit)}
    return subprocess.run(command, cwd=kit, env=env, capture_output=True, text=True, check=False)
