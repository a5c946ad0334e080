#!/bin/sh
# Runs screen.py in local mode on the test files and compares its rows with the records of --check.
#
#     examples/spark/test.sh WHEEL
#
# Requires Java 17 and Python. Installs PySpark and the wheel of bankscreen into a temporary
# environment.
set -eu
wheel=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pyspark==4.0.1 "$wheel"
export PYSPARK_PYTHON="$work/venv/bin/python" SPARK_LOCAL_IP=127.0.0.1
"$work/venv/bin/python" "$here/test.py" "$here/../../testdata" "$work"
