"""The course's pictures: training curves, weight templates, examples, growth of running time, searches.

Every function returns a `Picture`, a matplotlib figure that also knows itself in words. As the last line of a
notebook cell it is shown once, with those words as a caption; nothing has to be imported or closed.
"""

from cs_lib.plots.examples import show_pictures, show_templates
from cs_lib.plots.picture import Picture
from cs_lib.plots.training import plot_growth, plot_history, plot_search

__all__ = ["Picture", "plot_growth", "plot_history", "plot_search", "show_pictures", "show_templates"]
