"""Keep, of a notebook's code, only the statements that some of its functions need.

A notebook trains, plots and prints; a grader wants `hinge_backward` and whatever it calls. Working backwards from
the wanted names, a top-level statement is kept when it gives a value to a name that a kept statement reads.
"""

import ast
import symtable
from collections.abc import Iterable
from dataclasses import dataclass

from cs_lib.submission.notebook import Cell
from cs_lib.submission.outcomes import StudentError

UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


@dataclass(frozen=True)
class Statement:
    """One top-level statement of a cell: its source text and where it stands."""

    source: str
    cell: Cell
    line: int
    binds: frozenset[str]
    """The names it gives a value to."""
    changes: frozenset[str]
    """The names whose objects it changes in place."""
    reads: frozenset[str]
    is_import: bool


@dataclass(frozen=True)
class Slice:
    """The statements that some functions need, in the notebook's order, and the cells that could not be parsed."""

    statements: tuple[Statement, ...]
    broken: tuple[StudentError, ...]


def slice_cells(cells: Iterable[Cell], wanted: Iterable[str]) -> Slice:
    """Return what of `cells` the names in `wanted` need. A cell with a syntax error is left out and reported."""
    statements: list[Statement] = []
    broken: list[StudentError] = []
    for cell in cells:
        try:
            statements += _statements(cell)
        except UNPARSABLE as error:
            broken.append(_syntax_error(cell, error))
    return Slice(_needed(statements, set(wanted)), tuple(broken))


def _needed(statements: list[Statement], names: set[str]) -> tuple[Statement, ...]:
    """Close the set of names over what the kept statements read, until nothing more is needed."""
    kept: set[int] = set()
    # A module is not data: `np.allclose(...)` on a line of its own is not a change of `np` that anything needs.
    modules = {name for each in statements if each.is_import for name in each.binds}
    gives = [each.binds | (each.changes - modules) for each in statements]
    while True:
        more = {i for i in range(len(statements)) if i not in kept and ("*" in gives[i] or gives[i] & names)}
        if not more:
            return tuple(statements[i] for i in sorted(kept))
        kept |= more
        for i in more:
            names = names | statements[i].reads


def _statements(cell: Cell) -> list[Statement]:
    lines = cell.source.split("\n")
    statements = []
    for node in ast.parse(cell.source).body:
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
        # Two statements on one line (`a = 1; b = 2`) are told apart by unparsing; text keeps the student's own lines.
        alone = lines[first - 1].count(";") == 0 and lines[(node.end_lineno or first) - 1].count(";") == 0
        source = "\n".join(lines[first - 1 : node.end_lineno]) if alone else ast.unparse(node)
        binds, reads = _names(node, source)
        statements.append(
            Statement(
                source=source,
                cell=cell,
                line=first,
                binds=frozenset(binds),
                changes=frozenset(_changed_in_place(node)),
                reads=frozenset(reads),
                is_import=isinstance(node, ast.Import | ast.ImportFrom),
            )
        )
    return statements


def _names(node: ast.stmt, source: str) -> tuple[set[str], set[str]]:
    """Return the global names that a statement gives a value to and those it reads."""
    if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
        return {"*"}, set()
    table = symtable.symtable(source, "cell", "exec")
    binds, reads = set(), set()
    for symbol in table.get_symbols():
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            binds.add(symbol.get_name())
        if symbol.is_referenced():
            reads.add(symbol.get_name())
    for child in table.get_children():
        inner_binds, inner_reads = _globals_inside(child)
        binds |= inner_binds
        reads |= inner_reads
    return binds, reads


def _globals_inside(table: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    binds, reads = set(), set()
    for symbol in table.get_symbols():
        if symbol.is_declared_global() and symbol.is_assigned():
            binds.add(symbol.get_name())
        if symbol.is_global() and symbol.is_referenced():
            reads.add(symbol.get_name())
    for child in table.get_children():
        inner_binds, inner_reads = _globals_inside(child)
        binds |= inner_binds
        reads |= inner_reads
    return binds, reads


def _changed_in_place(node: ast.AST) -> set[str]:
    """Return the names whose objects the statement changes: `table["x"] = 1`, `net.params = p`, `cache.append(3)`."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return set()  # what a function will change when it is called is not changed by defining it
    names = set()
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        names.add(_base(node))
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            names.add(function.value.id)
    for child in ast.iter_child_nodes(node):
        names |= _changed_in_place(child)
    return names - {""}


def _base(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _syntax_error(cell: Cell, error: Exception) -> StudentError:
    if not isinstance(error, SyntaxError):
        return StudentError(type(error).__name__, "this cell is not Python", cell.name)
    code = (error.text or "").strip()
    return StudentError(type(error).__name__, error.msg, cell.name, error.lineno or 0, code)
