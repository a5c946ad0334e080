#!/usr/bin/env bash
# Exercises the Containerfile without a container engine, as far as that goes.
#
#     examples/container/test.sh PROGRAM
#
# Checks that every source of the first stage exists and that its build command is valid. Then it
# assembles the root folder of the last stage as its COPY lines state, with PROGRAM in the place of the
# built one, and runs PROGRAM there with the user, environment and entry point of the file: without
# network, on a read-only root. Needs user namespaces (unshare). Base images are not pulled.
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")/../.."
file=examples/container/Containerfile

fail() { echo "test.sh: $*" >&2; exit 1; }
# The arguments of an instruction in the last stage, one line each.
last_stage() { sed -n '/^FROM scratch/,$p' "$file" | sed -n "s/^$1 //p"; }

# The first stage: its target, profile and toolchain are those of the project.
build=$(sed -n 's/^RUN \(cargo build .*\)/\1/p' "$file")
for option in $build; do
  case $option in
    dist) grep -q '^\[profile.dist\]' Cargo.toml || fail "no profile dist" ;;
  esac
done
version=$(sed -n 's/^FROM .*rust:\([0-9.]*\)-slim.*/\1/p' "$file")
grep -q "^rust-version = \"$version\"" Cargo.toml || fail "the image has Rust $version"
target=$(echo "$build" | sed 's/.*--target //')
built=/source/target/$target/dist/bankscreen

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
image=$root/image
mkdir -p "$image"
last_stage COPY | while read -r options; do
  # shellcheck disable=SC2086
  set -- $options
  while [ "${1#--}" != "$1" ]; do shift; done
  [ $# = 2 ] || fail "COPY $options"
  case $1 in
    "$built") install -D "$program" "$image$2" ;;
    /etc/ssl/*) install -D -m 644 "$1" "$image$2" 2>/dev/null || install -D /dev/null "$image$2" ;;
    /root-folder/) for folder in $(sed -n 's/^RUN mkdir -p //p' "$file"); do
        mkdir -p "$image${folder#/root-folder}"
      done ;;
    *) fail "unknown source $1" ;;
  esac
done

# A program that is not static needs its libraries, which the image does not have.
if libraries=$(ldd "$program" 2>/dev/null); then
  echo "note: $program is not static; its libraries are added for this test"
  for library in $(echo "$libraries" | grep -o '/[^ )]*'); do
    install -D "$library" "$image$library"
  done
fi
cp testdata/banks/hdfc.pdf "$image/statements/april.pdf"
mkdir -p "$image/proc"

entry=$(last_stage ENTRYPOINT | tr -d '[]"')
user=$(last_stage USER | cut -d: -f1)
[ "$user" -gt 0 ] || fail "the program would run as root"
folder=$(last_stage WORKDIR)
[ -d "$image$folder" ] || fail "$folder is not in the image"

# Runs the entry point in the image. `unshare` makes the caller the only user of the container.
run() {
  # shellcheck disable=SC2046,SC2016
  unshare --user --map-root-user --mount --pid --net --ipc --uts --fork sh -c '
    mount --bind "$0" "$0"
    mount -t proc proc "$0/proc"
    mount -o remount,bind,ro "$0"
    exec "$@"' \
    "$image" env -i $(last_stage ENV) "$(command -v unshare)" --root="$image" --wd="$folder" \
    "$entry" "$@"
}

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
run --version | grep -q "^bankscreen $version" || fail "another version"
run --check . | grep -q '1 pass' || fail "a statement does not pass"
# Files that need an isolated process: the program starts itself again.
mkdir "$image/statements/hostile"
cp testdata/hostile/*.pdf testdata/structure/*.pdf "$image/statements/hostile"
report=$(run --check --format csv hostile || true)
[ "$(echo "$report" | wc -l)" -gt 5 ] || fail "no report"
if echo "$report" | grep -q INTERNAL_ERROR; then fail "isolation does not work"; fi
echo "the last stage works"
