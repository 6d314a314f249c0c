#!/usr/bin/env bash
# Make .venv beside this file, install the kit and its locked packages into it, then start JupyterLab or the tests.
# Written for bash 3.2, the one macOS ships.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@" # started as `sh setup_env.sh`
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: ./setup_env.sh [COMMAND] [ARGS]

  (no command)   make or update the environment in .venv
  lab [ARGS]     the same, then open JupyterLab on assignments/; ARGS go to JupyterLab
  check, hint, submit [ARGS]
                 the same, then what cs-lib says of your notebooks; ARGS go to cs-lib
  test [ARGS]    the same, then run the tests; ARGS go to pytest
  lock [ARGS]    renew the lock files from pyproject.toml (for maintainers; needs uv);
                 ARGS go to `uv pip compile`, for instance --upgrade
  help           show this text

Examples:
  ./setup_env.sh lab
  ./setup_env.sh lab --no-browser --port 8899
  ./setup_env.sh check --watch
  ./setup_env.sh test -k hinge

Set CS_LIB_PYTHON to choose the Python (3.11 or newer) that .venv is made from.
To start afresh, delete the folder .venv and run ./setup_env.sh again.
USAGE
}

say() { printf '%s\n' "$*"; }
complain() { printf '%s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

# The folder this file is in, wherever it is called from and through however many symbolic links.
own_folder() {
    local path=${BASH_SOURCE[0]} folder
    while [ -L "$path" ]; do
        folder=$(cd -P -- "$(dirname -- "$path")" && pwd)
        path=$(readlink -- "$path")
        case $path in /*) ;; *) path=$folder/$path ;; esac
    done
    cd -P -- "$(dirname -- "$path")" && pwd
}

# Another environment's settings must not reach ours. Where packages come from (indexes, mirrors, proxies) stays the
# user's.
forget_other_environments() {
    unset PYTHONPATH PYTHONHOME PYTHONEXECUTABLE __PYVENV_LAUNCHER__ VIRTUAL_ENV JUPYTER_PATH
    unset PIP_TARGET PIP_PREFIX PIP_ROOT PIP_PYTHON PIP_CONSTRAINT PIP_REQUIREMENT PIP_DRY_RUN
    unset UV_SYSTEM_PYTHON UV_PYTHON UV_CONSTRAINT UV_OVERRIDE
    export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 # a variable wins over `user = true` in pip.conf
}

is_new_enough() { "$1" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
has_venv() { "$1" -I -c 'import venv, ensurepip' >/dev/null 2>&1; }

# Set PYTHON to the first Python on the PATH that will do.
find_python() {
    local name without_venv=
    for name in ${CS_LIB_PYTHON:+"$CS_LIB_PYTHON"} python3.13 python3.12 python3.11 python3 python; do
        if is_new_enough "$name"; then
            PYTHON=$name
            { have uv || has_venv "$name"; } && return
            without_venv=${without_venv:-$name}
        elif [ "$name" = "${CS_LIB_PYTHON:-}" ]; then
            complain "CS_LIB_PYTHON is '$name', which is not a Python 3.11 or newer. Set it to one, or unset it."
            exit 1
        fi
    done
    if [ -n "$without_venv" ]; then
        explain_missing_venv "$without_venv"
        exit 1
    fi
    find_python_with_uv || { explain_missing_python; exit 1; }
}

find_python_with_uv() {
    have uv || return 1
    PYTHON=$(uv python find --system '>=3.11' 2>/dev/null) && return
    say "No Python 3.11 or newer on this computer: uv is fetching one."
    uv python install 3.13 && PYTHON=$(uv python find --system '>=3.11' 2>/dev/null)
}

explain_missing_venv() {
    local version
    version=$("$1" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    complain "Python $version is here, but its module for making environments is not."
    complain "On Debian and Ubuntu install it with: sudo apt install python$version-venv"
    complain "Then run ./setup_env.sh again."
}

explain_missing_python() {
    local found
    found=$(python3 --version 2>&1) || found="no working python3"
    complain "The kit needs Python 3.11 or newer; the PATH has ${found}."
    case $(uname -s) in
        Darwin) complain "Install one with: brew install python@3.13 (or from https://www.python.org/downloads)" ;;
        *)
            if have apt-get; then
                complain "Install one with: sudo apt install python3 python3-venv (Debian 12, Ubuntu 24.04 or newer)"
            else
                complain "Install one with your system's package manager, or from https://www.python.org/downloads"
            fi
            ;;
    esac
    complain "Or install uv (https://docs.astral.sh/uv), which brings its own Python."
    complain "Then run ./setup_env.sh again."
}

# All that an installation of the files "$@" depends on, spelled out. It is kept in .venv once all has succeeded, so
# an environment that was moved, interrupted, made by another Python or from other locks does not answer to it.
fingerprint() {
    local interpreter file
    interpreter=$("$VENV/bin/python" -I -c \
        'import os, sys; print(sys.implementation.cache_tag, sys.platform, os.uname().machine)' 2>/dev/null) || return 1
    printf 'folder %s\ninterpreter %s\n' "$ROOT" "$interpreter"
    for file in "$@"; do
        cat "$file" || return 1
        printf '%s\n' "-- end of file"
    done
}

# True where .venv answers to the files "$@", possibly with more installed after them.
is_installed() {
    local wanted
    [ -f "$STAMP" ] || return 1
    wanted=$(fingerprint "$@") || return 1
    case $(cat "$STAMP") in "$wanted"*) return 0 ;; *) return 1 ;; esac
}

# Installations in one folder take turns. The lock is the kernel's, on an open file that installers inherit: it lasts as
# long as any of them runs, is gone however they end, and so can never be stale.
wait_for_our_turn() {
    exec 9<>"$ROOT/pyproject.toml"
    "$PYTHON" -I -c '
import fcntl, signal
signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends the wait without a traceback
try:
    fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("Another ./setup_env.sh is installing into this folder; waiting for it to finish.", flush=True)
    fcntl.flock(9, fcntl.LOCK_EX)
except OSError:
    pass  # a file system without locks: nobody can tell us whether somebody else is at work
'
}
end_our_turn() { exec 9>&-; }

# Keep the installer's output in the log, and show a dot for each package it turns to.
show_dots() {
    local line
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$LOG"
        case $line in
            'Collecting '* | 'Processing '* | ' + '*) printf '.' ;;
            'Installing collected packages'*) printf ' unpacking, nearly there' ;;
        esac
    done
    printf '\n'
}

logged() { "$@" >>"$LOG" 2>&1; }

make_venv() {
    say "Making .venv with $("$PYTHON" --version) ..."
    rm -rf "$VENV"
    mkdir "$VENV"
    if have uv; then
        logged uv venv --seed --allow-existing --python "$PYTHON" "$VENV"
    else
        logged "$PYTHON" -m venv "$VENV"
    fi
}

# `install_with ARGS`: pip, or uv doing pip's work.
install_with() {
    if have uv; then
        uv pip install --python "$VENV/bin/python" "$@"
    else
        "$VENV/bin/python" -I -m pip install "$@"
    fi
}

install_locks() {
    local lock locks=()
    for lock in "$@"; do locks+=(-r "$lock"); done
    printf 'Installing about %s packages; the first time takes a minute or two ' "$(cat "$@" | grep -c '==')"
    install_with "${locks[@]}" 2>&1 | show_dots
}

# The lock holds the build backend too (hatchling, editables), so that cs_lib is installed without a second, unlocked
# download.
install_cs_lib() {
    logged install_with --no-deps --no-build-isolation --editable "$ROOT"
    logged "$VENV/bin/python" -I -c 'import cs_lib'
}

# --sys-prefix keeps the kernel inside .venv: nothing is written to the home folder.
install_kernel() { logged "$VENV/bin/python" -I -m ipykernel install --sys-prefix --name python3; }

explain_failure() {
    local status=$?
    [ "$status" -ne 0 ] || return 0
    complain ""
    if [ "$status" -gt 128 ]; then
        complain "Stopped half-way. Run ./setup_env.sh again: it repairs what is half done."
        exit "$status"
    fi
    complain "The installation did not finish. The last lines of its log, $LOG:"
    tail -n 15 "$LOG" 2>/dev/null | cut -c 1-160 | sed 's/^/  | /' >&2 || true
    if grep -qi 'no space left' "$LOG" 2>/dev/null; then
        complain "The disk is full: $(free_space) is free, and the environment needs about 700 MB. Make room,"
    else
        complain "Is this computer online, and is its disk not full ($(free_space) free, about 700 MB needed)?"
        complain "Behind a proxy or a mirror, set it for the installer (pip: pip.conf; uv: UV_DEFAULT_INDEX)."
    fi
    complain "then run ./setup_env.sh again: it repairs what is half done."
    exit "$status"
}

free_space() { df -Ph "$ROOT" | awk 'NR == 2 { print $4 }'; }

# Install the locks "$@". An environment that was complete is updated; one that was not is made anew.
install() {
    trap explain_failure EXIT
    trap 'exit 130' INT TERM HUP
    is_installed || make_venv
    rm -f "$STAMP"
    fingerprint "$ROOT/pyproject.toml" "$@" >"$STAMP.new"
    install_locks "$@"
    install_cs_lib
    install_kernel
    mv -f "$STAMP.new" "$STAMP"
    trap - EXIT INT TERM HUP
}

# Make sure that .venv holds the locks "$@". With nothing to do it takes no lock and needs no network.
ensure_environment() {
    is_installed "$ROOT/pyproject.toml" "$@" && return
    find_python
    cd "$ROOT" # an installer reads settings and modules from where it stands
    wait_for_our_turn
    is_installed "$ROOT/pyproject.toml" "$@" || install "$@"
    end_our_turn
    cd "$OLDPWD"
}

activate() {
    export VIRTUAL_ENV=$VENV PATH="$VENV/bin:$PATH"
    export JUPYTER_PREFER_ENV_PATH=1 # an old python3 kernel in the home folder must not win over ours
}

# Another computer reaches a JupyterLab without a browser through ssh. Where no port is asked for, the first free one
# is taken here, so that it can be told beforehand.
explain_ssh() {
    "$VENV/bin/python" -I -c '
import getpass, itertools, socket, sys

def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0

words = [word for each in sys.argv[1:] for word in each.split("=", 1)]
given = [after for word, after in zip(words, words[1:]) if word in ("--port", "--ServerApp.port")]
port = given[-1] if given else next(each for each in itertools.count(8888) if is_free(each))
print("To use it from another computer, run this there and leave it open:", file=sys.stderr)
print(f"    ssh -N -L {port}:localhost:{port} {getpass.getuser()}@{socket.gethostname()}", file=sys.stderr)
print("Then open the address below that begins with http://localhost (or http://127.0.0.1) there.", file=sys.stderr)
print("If that address has another port, Jupyter found this one taken: put it into the ssh line, twice.", file=sys.stderr)
print("" if given else f"--port={port}")
' "$@" || true # a computer without names for its user or itself still gets JupyterLab
}

start_lab() {
    local port=
    activate
    case " $* " in *" --no-browser "*) port=$(explain_ssh "$@") ;; esac
    set -- ${port:+"$port"} "$@"
    exec "$VENV/bin/jupyter" lab --ServerApp.root_dir="$ROOT/assignments" "$@"
}

FAILED=
step() {
    printf '\n== %s\n' "$*"
    "$@" || FAILED="$FAILED
  $*"
}

exists() { [ -e "$1" ]; }

check_notebooks() {
    # One notebook's cells share a kernel, so a whole file goes to one process.
    exists assignments/*/solutions/*.ipynb && step pytest -n auto --dist loadfile --nbval assignments/*/solutions
    exists assignments/*/*.ipynb && step pytest -n auto --dist loadfile --nbval-lax assignments/*/*.ipynb
    return 0
}

check_code() {
    step ruff check
    step ruff format --check
    step mypy
}

# Every step runs, whatever fails before it; pytest comes last, so that its count is what remains on the screen.
run_tests() {
    activate
    cd "$ROOT"
    trap 'exit 130' INT TERM
    if [ -f "$DEVELOPER_LOCK" ]; then
        check_code
        if [ $# -eq 0 ]; then
            check_notebooks
            set -- -n auto
        fi
    fi
    step pytest "$@"
    report_failures
}

report_failures() {
    say ""
    if [ -n "$FAILED" ]; then
        complain "Failed:$FAILED"
        exit 1
    fi
    say "Every step succeeded."
}

# Both locks in order, the second holding only what the first does not. --fork-strategy fewest gives every Python and
# platform one version of each package, where there is one, so that all compute the same numbers.
renew_locks() {
    have uv || { complain "Renewing the locks needs uv: https://docs.astral.sh/uv"; exit 1; }
    cd "$ROOT"
    # argon2-cffi-bindings 26 has no wheel for Macs with Intel processors: their users would need a compiler.
    printf '%s\n' hatchling editables 'argon2-cffi-bindings<26' |
        compile_lock --output-file requirements.txt pyproject.toml - "$@"
    [ -d tests/kit ] || return 0
    compile_lock --output-file "$DEVELOPER_LOCK" --extra dev --extra cluster --constraint requirements.txt pyproject.toml "$@"
    {
        say "# What work on the kit needs beyond requirements.txt. Renew both with: ./setup_env.sh lock"
        grep -vxFf requirements.txt "$DEVELOPER_LOCK"
    } >"$DEVELOPER_LOCK.new"
    mv -f "$DEVELOPER_LOCK.new" "$DEVELOPER_LOCK"
}

compile_lock() {
    uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --no-annotate \
        --custom-compile-command './setup_env.sh lock' "$@" >/dev/null
}

main() {
    case $(uname -s) in
        MINGW* | MSYS* | CYGWIN*)
            complain "On Windows the kit runs in WSL (https://learn.microsoft.com/windows/wsl/install). Start it there."
            exit 1
            ;;
    esac
    local command=${1:-setup}
    [ $# -eq 0 ] || shift
    case $command in
        setup)
            ensure_environment "$STUDENT_LOCK"
            say "Ready. Next: ./setup_env.sh lab"
            ;;
        lab)
            ensure_environment "$STUDENT_LOCK"
            start_lab "$@"
            ;;
        check | hint | submit)
            ensure_environment "$STUDENT_LOCK"
            activate
            exec "$VENV/bin/cs-lib" "$command" "$@"
            ;;
        test)
            if [ -f "$DEVELOPER_LOCK" ]; then
                ensure_environment "$STUDENT_LOCK" "$DEVELOPER_LOCK"
            else
                ensure_environment "$STUDENT_LOCK"
            fi
            run_tests "$@"
            ;;
        lock) renew_locks "$@" ;;
        help | -h | --help) usage ;;
        *)
            complain "Unknown command: $command. There are lab, check, hint, submit, test, lock and help;"
            complain "./setup_env.sh help explains them."
            exit 2
            ;;
    esac
}

unset CDPATH
ROOT=$(own_folder)
VENV=$ROOT/.venv
STAMP=$VENV/installed
LOG=$VENV/install.log
STUDENT_LOCK=$ROOT/requirements.txt
DEVELOPER_LOCK=$ROOT/tests/kit/requirements.txt
forget_other_environments
main "$@"
