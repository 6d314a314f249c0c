"""A panel to play with capacity: choose hidden neurons, λ and data, and see which regions a net of that size learns.

The controls need a running kernel. The picture below them is an output of its own, so that a notebook which is only
read (on GitHub, or turned into HTML) still shows the last one, with its caption.
"""

import asyncio
import contextlib
import html
import io
import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cs_lib.plots.regions import Data, Predictor, plot_regions

MakeAndTrain = Callable[[int, float, Data], Predictor]

LARGEST = 50
REGS = (0.0, 0.0001, 0.001, 0.01, 0.1)
PAUSE = 0.2  # seconds to wait for another change, so that a key held down does not train a net at each step
OURS = str(Path(__file__).parents[1])
WIDGET = "application/vnd.jupyter.widget-view+json"


def capacity_panel(
    make_and_train: MakeAndTrain,
    data: Mapping[str, Data],
    *,
    hidden_size: int = 6,
    reg: float = 0.001,
    regs: Sequence[float] = REGS,
) -> "CapacityPanel":
    """Return a panel with controls for the hidden size, λ and the data set, and the regions of a net trained so.

    make_and_train: called as make_and_train(hidden_size, reg, data) after each change; returns a trained net. Let it
    take a second or two at most, draw from a generator of its own, and show no progress bar. What it prints stands
    in the panel, and what it raises stands there as a sentence.
    data: by its name, each data set as (X, y); the first is shown first. hidden_size and reg: to begin with.
    Raises ValueError for a hidden_size outside 1 to 50, a reg that is not one of regs, or no data.
    """
    if not data:
        raise ValueError('data should hold at least one data set, such as {"spirals": (X, y)}; found none.')
    if not 1 <= hidden_size <= LARGEST:
        raise ValueError(f"hidden_size should be a whole number from 1 to {LARGEST}; found {hidden_size}.")
    if reg not in regs:
        raise ValueError(f"reg should be one of regs, {', '.join(f'{each:g}' for each in regs)}; found {reg:g}.")
    return CapacityPanel(make_and_train, dict(data), hidden_size, reg, regs)


class CapacityPanel:
    """Three labelled controls, a line that says what is going on, and a picture that follows.

    picture: the latest one. message: the line's words.
    """

    def __init__(
        self,
        make_and_train: MakeAndTrain,
        data: dict[str, Data],
        hidden_size: int,
        reg: float,
        regs: Sequence[float],
    ) -> None:
        import ipywidgets as widgets  # type: ignore[import-untyped]  # here, because only this picture needs it, and it takes its time

        self.make_and_train = make_and_train
        self.data = data
        wide = {"style": {"description_width": "9em"}, "layout": {"width": "20em"}}
        # The number has the label, which a browser does not give to a slider; each follows the other.
        self.hidden_size = widgets.BoundedIntText(hidden_size, 1, LARGEST, description="Hidden neurons", **wide)
        slider = widgets.IntSlider(hidden_size, 1, LARGEST, continuous_update=False, readout=False)
        widgets.jslink((self.hidden_size, "value"), (slider, "value"))
        choices = [(f"{each:g}", each) for each in regs]
        self.reg = widgets.Dropdown(options=choices, value=reg, description="λ (regularisation)", **wide)
        self.name = widgets.Dropdown(options=list(data), description="Data set", **wide)
        self.status = widgets.HTML()
        self.controls = widgets.VBox([widgets.HBox([self.hidden_size, slider]), self.reg, self.name, self.status])
        self._names = [uuid.uuid4().hex for _ in "pc"]  # of the picture and its caption, once they are shown
        self._is_shown = False
        self._planned: asyncio.TimerHandle | None = None
        self.redraw()
        for control in (self.hidden_size, self.reg, self.name):
            control.observe(self._changed, names="value")

    def __repr__(self) -> str:
        """Return what the picture shows, in words."""
        return self.picture.alt

    def redraw(self) -> None:
        """Train a net with the present settings and show its regions; say so where that fails."""
        self._planned = None
        printed = io.StringIO()
        data, title = self.data[self.name.value], self._title()
        try:
            with contextlib.redirect_stdout(printed):
                net = self.make_and_train(self.hidden_size.value, self.reg.value, data)
            self.picture = plot_regions(net, data, title=title)
            self._say(printed.getvalue().strip() or f"Trained: {title}.")
        except Exception as error:
            self.picture = plot_regions(..., data, title=title)
            self._say(f"{printed.getvalue()}\n{_sentence(error)}".strip())
        self._show()

    def _title(self) -> str:
        H = self.hidden_size.value
        return f"{H} hidden {'neuron' if H == 1 else 'neurons'}, λ = {self.reg.value:g}, {self.name.value}"

    def _changed(self, _change: Any) -> None:
        """Redraw when no other change has come for a moment; at once where there is no loop to wait in."""
        self._say(f"Training… {self._title()}")
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.redraw()
            return
        if self._planned is not None:
            self._planned.cancel()
        self._planned = loop.call_later(PAUSE, self.redraw)

    def _say(self, message: str) -> None:
        self.message = message
        # role="status": a screen reader says it aloud when it changes.
        self.status.value = f'<div role="status" style="white-space: pre-wrap">{html.escape(message)}</div>'

    def _show(self) -> None:
        """Show the picture and its caption, or put them in the place of those shown before."""
        from IPython.display import update_display

        if not self._is_shown:
            return
        for (data, metadata), name in zip(self.picture.outputs(), self._names, strict=True):
            update_display(data, raw=True, metadata=metadata, display_id=name)  # type: ignore[no-untyped-call]

    def _ipython_display_(self) -> None:
        """Show the controls, the picture and its caption: three outputs."""
        from IPython.display import display

        # Without a text beside it: where there are no controls, the picture is enough.
        view = {"version_major": 2, "version_minor": 0, "model_id": self.controls.model_id}
        display({WIDGET: view}, raw=True)  # type: ignore[no-untyped-call]
        for (data, metadata), name in zip(self.picture.outputs(), self._names, strict=True):
            display(data, raw=True, metadata=metadata, display_id=name)  # type: ignore[no-untyped-call]
        self._is_shown = True


def _sentence(error: Exception) -> str:
    """Return what went wrong, and in which function and line of the student's code, as one sentence."""
    calls = traceback.extract_tb(error.__traceback__)
    theirs = [call for call in calls if not call.filename.startswith(OURS) and "site-packages" not in call.filename]
    where = f" (in {theirs[-1].name}, line {theirs[-1].lineno}: {theirs[-1].line})" if theirs else ""
    return f"No picture of regions: {type(error).__name__}: {error}{where}"
