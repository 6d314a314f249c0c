"""The course's pictures: training and searches, running time, templates, examples, slopes, descents, softmax,
circuits.

Every function returns a `Picture`, a matplotlib figure that also knows itself in words. As the last line of a
notebook cell it is shown once, with those words as a caption; nothing has to be imported or closed.
"""

from cs_lib.plots.circuit import draw_circuit
from cs_lib.plots.examples import show_pictures, show_templates
from cs_lib.plots.gradients import plot_descent, plot_step_errors, plot_zoom
from cs_lib.plots.picture import Picture
from cs_lib.plots.softmax import plot_jacobian, plot_pulls, plot_softmax, plot_two_losses
from cs_lib.plots.training import plot_growth, plot_history, plot_search

__all__ = [
    "Picture",
    "draw_circuit",
    "plot_descent",
    "plot_growth",
    "plot_history",
    "plot_jacobian",
    "plot_pulls",
    "plot_search",
    "plot_softmax",
    "plot_step_errors",
    "plot_two_losses",
    "plot_zoom",
    "show_pictures",
    "show_templates",
]
