"""What can be wrong with a graph or with one of its gates, each said in a sentence."""


class GraphError(ValueError):
    """The graph cannot be built or run, for the reason that the message gives."""

    def _render_traceback_(self) -> list[str]:
        """Show a notebook the sentence alone: the lines of this library explain nothing to a student."""
        return [f"{type(self).__name__}: {self}"]


class NotWrittenError(GraphError):
    """A gate answered `...`, the course's mark for code that is not written yet."""
