"""From a reference function to its two faces: the stub that students open, and the solved cell.

A reference function marks its answer with `# BEGIN SOLUTION` and `# END SOLUTION`. In the stub, each marked region
becomes `# YOUR CODE HERE` and one placeholder `name = ...` for each name that the code after the region reads.
"""

import ast
import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass

from cs_lib.course import CourseError

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
PROMPT = "# YOUR CODE HERE"


@dataclass(frozen=True)
class Region:
    """One marked region: the indices of its marker lines."""

    begin: int
    end: int


def reference_source(module: str, name: str) -> str:
    """Return the source of a function or class in cs_lib.reference.MODULE; raises CourseError where there is none."""
    try:
        members = vars(importlib.import_module(f"cs_lib.reference.{module}"))
    except ModuleNotFoundError:
        raise CourseError(f"cs_lib/reference/{module}.py does not exist; write the answer to {name} there") from None
    if name not in members:
        raise CourseError(f"cs_lib/reference/{module}.py does not define {name}")
    return inspect.getsource(members[name]).rstrip()


def solved(source: str) -> str:
    """Return the function as a student would hand it in: whole, without the markers."""
    return "\n".join(line for line in source.split("\n") if line.strip() not in (BEGIN, END))


def stub(source: str) -> str:
    """Return the function with every marked region replaced by the prompt and its placeholders.

    Raises CourseError where a region is not closed, holds a `return`, or where there is no region at all.
    """
    return _rewritten(source, lambda indent, names, _: [f"{indent}{PROMPT}", *_dots(indent, names)])


def with_markers(source: str, begin: str, end: str) -> str:
    """Return the whole function with other markers around its answer, and the placeholders before them.

    Where what stands between these markers is taken out, placeholders are left: the exercise is then not started. A
    parameter has no placeholder, because an answer may begin from what was given.
    """
    given = {node.arg for node in ast.walk(ast.parse(source)) if isinstance(node, ast.arg)}

    def marked(indent: str, names: list[str], answer: list[str]) -> list[str]:
        dots = _dots(indent, [name for name in names if name not in given])
        return [*dots, f"{indent}{begin}", *answer, f"{indent}{end}"]

    return _rewritten(source, marked)


def _dots(indent: str, names: list[str]) -> list[str]:
    return [f"{indent}{name} = ..." for name in names]


def _rewritten(source: str, rewrite: Callable[[str, list[str], list[str]], list[str]]) -> str:
    """Return the function with every marked region replaced by what `rewrite` makes of it.

    rewrite: takes the region's indent, the names of its placeholders, and its lines
    """
    lines = source.split("\n")
    regions = _regions(lines)
    open_lines = [i for i in range(len(lines)) if not any(region.begin <= i <= region.end for region in regions)]
    result: list[str] = []
    at = 0
    for region in regions:
        result += lines[at : region.begin]
        indent = lines[region.begin][: -len(BEGIN)]
        result += rewrite(indent, _placeholders(source, region, open_lines), lines[region.begin + 1 : region.end])
        at = region.end + 1
    return "\n".join([*result, *lines[at:]])


def _regions(lines: list[str]) -> list[Region]:
    marks = [(i, line.strip()) for i, line in enumerate(lines) if line.strip() in (BEGIN, END)]
    expected = [BEGIN, END] * (len(marks) // 2)
    if not marks or [text for _, text in marks] != expected:
        raise CourseError(f"{_name(lines)}: its answer should stand between {BEGIN!r} and {END!r}")
    indices = [i for i, _ in marks]
    return [Region(begin, end) for begin, end in zip(indices[::2], indices[1::2], strict=True)]


def _placeholders(source: str, region: Region, open_lines: list[int]) -> list[str]:
    """Return the names that the region stores and the open code after it reads, in the order in which it reads them."""
    tree = ast.parse(source)
    inside, after = set(), []
    # Of a class, each method is a matter of its own.
    around = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.lineno <= region.begin]
    last = max((node.end_lineno or 0 for node in around if (node.end_lineno or 0) > region.end), default=0) - 1
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0) - 1
        if isinstance(node, ast.Return) and region.begin < line < region.end:
            raise CourseError(f"{_name(source.split(chr(10)))}: a marked region must not hold `return`; put it after")
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and region.begin < line < region.end:
            inside.add(node.id)
        is_later = region.end < line <= last and line in open_lines
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and is_later:
            after.append((line, node.col_offset, node.id))
    reads = dict.fromkeys(name for _, _, name in sorted(after))
    return [name for name in reads if name in inside]


def _name(lines: list[str]) -> str:
    return lines[0].split("(")[0].split()[-1]
