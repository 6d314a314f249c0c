"""The course's pictures: training and searches, running time, templates, hidden units, examples, slopes, descents,
softmax, Jacobians, circuits and a game on them, decision regions and a panel to play with them.

Every function returns a `Picture`, a matplotlib figure that also knows itself in words. As the last line of a
notebook cell it is shown once, with those words as a caption; nothing has to be imported or closed.
`capacity_panel` returns controls with such a picture below them.
"""

from cs_lib.plots.circuit import draw_circuit
from cs_lib.plots.examples import show_hidden_units, show_pictures, show_templates
from cs_lib.plots.game import predict_gradients
from cs_lib.plots.gradients import plot_descent, plot_step_errors, plot_zoom
from cs_lib.plots.jacobian import show_jacobian
from cs_lib.plots.panel import capacity_panel
from cs_lib.plots.picture import Picture
from cs_lib.plots.regions import plot_regions, plot_regions_grid
from cs_lib.plots.softmax import plot_jacobian, plot_pulls, plot_softmax, plot_two_losses
from cs_lib.plots.training import plot_growth, plot_history, plot_search

__all__ = [
    "Picture",
    "capacity_panel",
    "draw_circuit",
    "plot_descent",
    "plot_growth",
    "plot_history",
    "plot_jacobian",
    "plot_pulls",
    "plot_regions",
    "plot_regions_grid",
    "plot_search",
    "plot_softmax",
    "plot_step_errors",
    "plot_two_losses",
    "plot_zoom",
    "predict_gradients",
    "show_hidden_units",
    "show_jacobian",
    "show_pictures",
    "show_templates",
]
