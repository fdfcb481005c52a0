# SPDX-License-Identifier: Apache-2.0
# Shared by tools/run, tools/test and tools/dev: packages, configure, build. Sourced, never started.
# Everything here reports on stderr; stdout belongs to the program that is started in the end.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=true # one cache for every checkout

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# Installs what is missing from package lists (one a line, # comments). Complete: one dpkg query.
install_missing() {
  local -a wanted missing=() as_root=()
  mapfile -t wanted < <(sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$@")
  local installed
  installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' "${wanted[@]}" 2>/dev/null || true)"
  local package
  for package in "${wanted[@]}"; do
    [[ $installed == *" installed:$package "* ]] || missing+=("$package")
  done
  ((${#missing[@]} == 0)) && return 0
  say "installing ${missing[*]}"
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      die "needs root or sudo for: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
  fi
  {
    ${as_root[@]+"${as_root[@]}"} apt-get update -q ||
      say "apt-get update failed; trying with the package lists at hand"
    ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
      apt-get install -q -y --no-install-recommends "${missing[@]}"
  } >&2 || die "apt-get could not install: ${missing[*]}"
}

# Configures a build folder when it is new, moved, or the set of CMakeLists.txt has changed; ninja
# itself notices edits of known ones. $1: folder below build/, the rest: options for cmake.
configure() {
  local build="$root/build/$1" parts
  shift
  parts="$(
    cd "$root"
    find . -path ./build -prune -o -path ./.git -prune -o -name CMakeLists.txt -print | LC_ALL=C sort
    printf '%s\n' "$root" "$@"
  )"
  if [[ -f $build/build.ninja && -f $build/parts && $(<"$build/parts") == "$parts" ]]; then
    return 0
  fi
  if [[ -f $build/CMakeCache.txt ]] &&
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$build/CMakeCache.txt"; then
    rm -rf "$build" # the checkout was moved or copied
  fi
  mkdir -p "$build"
  cmake -S "$root" -B "$build" -G Ninja "$@" >"$build/configure.log" 2>&1 || {
    cat "$build/configure.log" >&2
    die "configuring failed (build/${build##*/}/configure.log)"
  }
  printf '%s\n' "$parts" >"$build/parts"
}

# Builds targets (all without any); one at a time in a build folder.
build() {
  local build="$root/build/$1"
  shift
  (
    flock 9
    ninja -C "$build" -j "$(nproc)" "$@" >&2
  ) 9>"$build/lock" || die "the build failed"
}

# Runs the tests of a build folder; arguments go to ctest. Prints `N passed, N failed` last and
# returns non-zero when one failed or none ran.
run_tests() {
  local build="$root/build/$1" status=0 argument
  shift
  for argument in "$@"; do
    if [[ $argument == -N || $argument == --show-only* ]]; then
      ctest --test-dir "$build" "$@"
      return
    fi
  done
  local results="$build/results.xml"
  rm -f "$results"
  ctest --test-dir "$build" --output-on-failure -j "${AIPU_TEST_JOBS:-2}" --no-tests=error \
    --output-junit "$results" "$@" || status=$?
  local counts passed=0 failed=0 skipped=0
  counts="$(sed -n '/<testsuite/,/>/p' "$results" 2>/dev/null | tr '\n\t' '  ' || true)"
  count() { [[ $counts =~ [[:space:]]$1=\"([0-9]+)\" ]] && echo "${BASH_REMATCH[1]}" || echo 0; }
  failed="$(count failures)"
  skipped=$(($(count skipped) + $(count disabled)))
  passed=$(($(count tests) - failed - skipped))
  if ((status != 0 && failed == 0)); then # a test that could not be started counts as failed
    failed="$skipped"
    skipped=0
  fi
  ((skipped == 0)) || echo "$skipped skipped"
  echo "$passed passed, $failed failed"
  ((status == 0 && failed == 0 && passed > 0))
}
