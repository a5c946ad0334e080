#!/usr/bin/env bash
# Writes what the wheel installs besides the package: shell completions and the manual page.
#
#     python/data.sh PROGRAM
#
# They are printed by the program, so that they have its flags. maturin puts the folder into the wheel
# if it exists, and pip copies its content below the prefix of the environment.
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")"

rm -rf bankscreen.data
share=bankscreen.data/data/share
mkdir -p "$share/bash-completion/completions" "$share/zsh/site-functions" \
  "$share/fish/vendor_completions.d" "$share/man/man1"
"$program" completions bash >"$share/bash-completion/completions/bankscreen"
"$program" completions zsh >"$share/zsh/site-functions/_bankscreen"
"$program" completions fish >"$share/fish/vendor_completions.d/bankscreen.fish"
"$program" man >"$share/man/man1/bankscreen.1"
