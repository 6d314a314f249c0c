#!/usr/bin/env bash
# Run once by Gradescope, as root, when the autograder is built: Python 3.11 or newer, what grading needs of the lock,
# and bubblewrap, which shuts a submission in where the container allows it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

install() { DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; }
is_new_enough() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local name
    for name in python3.13 python3.12 python3.11 python3; do
        if is_new_enough "$name"; then
            PYTHON=$name
            return
        fi
    done
    return 1
}

apt-get update
install bubblewrap || echo "bubblewrap cannot be installed: submissions are held by limits alone."
# Ubuntu 24.04 has 3.12 as python3; Ubuntu 22.04 has 3.11 beside its own.
find_python || { install python3 python3-venv && find_python; } || { install python3.11 python3.11-venv && find_python; } ||
    { echo "There is no Python 3.11 here: choose Ubuntu 24.04 as the base image." >&2 && exit 1; }

"$PYTHON" -m venv .venv
.venv/bin/python -m pip install --disable-pip-version-check --no-cache-dir \
    --constraint requirements.txt numpy matplotlib pytest tqdm
