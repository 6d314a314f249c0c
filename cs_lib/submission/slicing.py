"""Keep, of a notebook's code, only the statements that some of its functions need.

A notebook trains, plots and prints; a grader wants `hinge_backward` and whatever it calls. Working backwards from
the wanted names, a top-level statement is kept when it gives a value to a name that a kept statement reads. What
reaches an object by another name than its own (`t = table; t["x"] = 1`) is not followed.
"""

import ast
import symtable
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cs_lib.submission.notebook import UNPARSABLE, Cell, parse
from cs_lib.submission.outcomes import StudentError, one_line

LONGEST_IMPORT = 20
"""Over how many lines an import is looked for in a cell that cannot be parsed."""
MOST_IMPORTS = 100
"""How many lines of such a cell are tried as the beginning of an import."""
Functions = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class Statement:
    """One top-level statement of a cell: its source text and where it stands."""

    source: str
    cell: Cell
    line: int
    binds: frozenset[str]
    """The names it gives a value to; `*` where it cannot be told which."""
    changes: frozenset[str]
    """The names whose objects it changes in place."""
    reads: frozenset[str]
    imports: frozenset[str]
    calls: str
    """The function of which the statement is a call and nothing else: `setup()`."""
    acts: frozenset[str]
    """The names that get a value, or are changed in place, when what the statement defines is called."""


@dataclass(frozen=True)
class Slice:
    """The statements that some functions need, in the notebook's order, and the cells that could not be parsed."""

    statements: tuple[Statement, ...]
    broken: tuple[StudentError, ...]


def slice_cells(cells: Iterable[Cell], wanted: Iterable[str]) -> Slice:
    """Return what of `cells` the names in `wanted` need.

    A cell with a syntax error is left out and reported, but for what it imports: all other cells rest on that.
    """
    statements, broken = _parsed(tuple(cells))
    return Slice(_needed(statements, set(wanted)), broken)


@lru_cache(maxsize=2)
def _parsed(cells: tuple[Cell, ...]) -> tuple[tuple[Statement, ...], tuple[StudentError, ...]]:
    """Return all statements, and what cannot be parsed; kept, for each exercise of a notebook asks anew."""
    statements: list[Statement] = []
    broken: list[StudentError] = []
    for cell in cells:
        try:
            statements += _statements(cell)
        except UNPARSABLE as error:
            broken.append(_syntax_error(cell, error))
            statements += _statements(_imports_alone(cell))
    return tuple(statements), tuple(broken)


def _needed(statements: Sequence[Statement], wanted: set[str]) -> tuple[Statement, ...]:
    """Close the wanted names over what the kept statements read, until nothing more is needed."""
    givers = _givers(statements, wanted)
    kept = set(givers["*"])
    todo = [*wanted, *(name for i in kept for name in statements[i].reads)]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for i in givers[name] - kept:
            kept.add(i)
            todo += statements[i].reads
    return tuple(statements[i] for i in sorted(kept))


def _givers(statements: Sequence[Statement], wanted: set[str]) -> dict[str, set[int]]:
    """Return, of each name, the indices of the statements that give it a value or change its object."""
    # A module is not data: `np.allclose(...)` on a line of its own is not a change of `np` that anything needs.
    modules = {name for each in statements for name in each.imports}
    acts: dict[str, set[str]] = defaultdict(set)
    for each in statements:
        for name in each.binds:
            acts[name] |= each.acts
    givers: dict[str, set[int]] = defaultdict(set)
    for i, each in enumerate(statements):
        # The wanted functions are called by the grader: what calling them does besides is no reason to do it before.
        called = set() if each.calls in wanted else acts.get(each.calls, set())
        for name in each.binds | ((each.changes | called) - modules):
            givers[name].add(i)
    return givers


def _statements(cell: Cell) -> list[Statement]:
    lines = cell.source.split("\n")
    body = parse(cell.source).body
    firsts = [_first_line(node) for node in body]
    lasts = [node.end_lineno or node.lineno for node in body]
    statements = []
    for i, (node, first, last) in enumerate(zip(body, firsts, lasts, strict=True)):
        shares = (i > 0 and lasts[i - 1] == first) or (i + 1 < len(body) and firsts[i + 1] == last)
        # Two statements on one line (`a = 1; b = 2`) are told apart by unparsing; text keeps the student's own lines.
        source = ast.unparse(node) if shares else "\n".join(lines[first - 1 : last])
        statements.append(_statement(node, source, cell, first))
    return statements


def _imports_alone(cell: Cell) -> Cell:
    """Return a cell that cannot be parsed with nothing left in it but its whole imports, each on its own line."""
    lines = cell.source.split("\n")
    kept = [""] * len(lines)
    starts = [i for i, line in enumerate(lines) if line.startswith(("import ", "from "))]
    for i in starts[:MOST_IMPORTS]:
        for end in range(i + 1, min(i + LONGEST_IMPORT, len(lines)) + 1):
            if _parses("\n".join(lines[i:end])):
                kept[i:end] = lines[i:end]
                break
    return Cell(cell.number, "\n".join(kept))


def _parses(source: str) -> bool:
    try:
        parse(source)
    except UNPARSABLE:
        return False
    return True


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _statement(node: ast.stmt, source: str, cell: Cell, line: int) -> Statement:
    try:
        binds, reads, imports, in_functions = _names(node, source)
    except SyntaxError as error:  # such as `global` after use, told in the lines of this statement alone
        error.lineno = (error.lineno or 1) + line - 1
        raise
    changes, changes_when_called = _changed_in_place(node)
    return Statement(
        source=source,
        cell=cell,
        line=line,
        binds=frozenset(binds),
        changes=frozenset(changes),
        reads=frozenset(reads),
        imports=frozenset(imports),
        calls=_bare_call(node),
        acts=frozenset((in_functions & binds) | (changes_when_called & reads)),
    )


def _names(node: ast.stmt, source: str) -> tuple[set[str], set[str], set[str], set[str]]:
    """Return the global names that a statement binds, reads, imports, and binds inside its functions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = symtable.symtable(source, "cell", "exec")
    binds, reads, imports = set(), set(), set()
    for symbol in table.get_symbols():
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            binds.add(symbol.get_name())
        if symbol.is_referenced():
            reads.add(symbol.get_name())
        if symbol.is_imported():
            imports.add(symbol.get_name())
    in_functions: set[str] = set()
    for child in table.get_children():
        inner_binds, inner_reads = _globals_inside(child)
        in_functions |= inner_binds
        reads |= inner_reads
    if any(isinstance(each, ast.ImportFrom) and each.names[0].name == "*" for each in ast.walk(node)):
        binds.add("*")
    return binds | in_functions, reads, imports, in_functions


def _globals_inside(table: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    binds, reads = set(), set()
    for symbol in table.get_symbols():
        if symbol.is_declared_global() and symbol.is_assigned():
            binds.add(symbol.get_name())
        # `calls += 1` reads what it assigns, but the symbol table does not call that a reference.
        if symbol.is_global() and (symbol.is_referenced() or symbol.is_assigned()):
            reads.add(symbol.get_name())
    for child in table.get_children():
        inner_binds, inner_reads = _globals_inside(child)
        binds |= inner_binds
        reads |= inner_reads
    return binds, reads


def _changed_in_place(node: ast.stmt) -> tuple[set[str], set[str]]:
    """Return the names whose objects the statement changes: `table["x"] = 1`, `net.params = p`, `cache.append(3)`.

    First those that change when it is executed, then those that change when a function in it is called.
    """
    executed = list(_executed(node))
    ours = {id(each) for each in executed}
    now = {name for each in executed for name in _changes(each)}
    later = {name for each in ast.walk(node) if id(each) not in ours for name in _changes(each)}
    return now, later


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes below one but those of the bodies of functions, which a definition does not execute."""
    todo = [node]
    while todo:
        each = todo.pop()
        yield each
        body = each.body if isinstance(each, Functions) else []
        later = {id(inner) for inner in (body if isinstance(body, list) else [body])}
        todo += [inner for inner in ast.iter_child_nodes(each) if id(inner) not in later]


def _changes(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        yield from _base(node)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        yield from _base(node.value.func)


def _base(node: ast.AST) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _bare_call(node: ast.stmt) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
        return node.value.func.id
    return ""


def _syntax_error(cell: Cell, error: Exception) -> StudentError:
    if not isinstance(error, SyntaxError):
        return StudentError(type(error).__name__, "this cell is not Python", cell.name)
    code = one_line(error.text or "")
    return StudentError(type(error).__name__, one_line(error.msg), cell.name, error.lineno or 0, code)
