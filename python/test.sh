#!/usr/bin/env bash
# Builds a wheel of the debug binary, installs it into a new virtual environment, and runs the tests.
#
#     python/test.sh [PYTHON]
#
# Uses the target folder of Cargo, so that the program is built only if it has changed.
set -euo pipefail
cd "$(dirname "$0")"

python=${1:-python3}
target=${CARGO_TARGET_DIR:-$PWD/../target}
tools=$target/python-tools
if [ ! -x "$tools/bin/maturin" ] || ! cmp -s tests/requirements.txt "$tools/requirements.txt"; then
  "$python" -m venv --clear "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check -r tests/requirements.txt
  cp tests/requirements.txt "$tools/requirements.txt"
fi

(cd .. && cargo build --quiet --locked)
./data.sh "$target/debug/bankscreen"
# Neither repaired for older systems nor compressed much, which the tests do not look at.
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
"$tools/bin/maturin" build --quiet --locked --profile dev --compatibility linux --auditwheel skip \
  --compression-level 1 \
  --out "$wheels"

"$python" -m venv "$wheels/environment"
"$wheels/environment/bin/pip" install --quiet --disable-pip-version-check --no-index "$wheels"/*.whl
# The tools are used from their own environment: the wheel must not depend on them.
packages=$("$tools/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# Not from here, where Python would import the sources instead of the wheel.
cd tests
PYTHONPATH=$packages "$wheels/environment/bin/python" -m pytest -c ../pyproject.toml "${@:2}"
