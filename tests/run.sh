#!/usr/bin/env bash
# Installs, builds and runs every test.
#   tests/run.sh [--long] [STEP...]
#     STEP    only these, in the order of the list below; a step builds what it needs
#     --long  also: 500 seeds for each model test, fuzzers ten minutes each, five minutes of chaos, the release build
# CLAIMQ_CORPUS=FOLDER names real mails and webhook payloads; tests that want them skip without it.
# Each step is one line with its duration; the last line counts them, and the exit status is 1 when one failed.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

STEPS=(install lint layout build unit e2e quickstart fuzz asan tsan seeds release)
# A race inside a gRPC handler is hidden from TSan by the suppressions that Debian's gRPC needs, so rpc and tools stay out.
TSAN_ROOMS=(base store wire mime auth search queue session)

usage() { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$root/tests/run.sh"; echo "Steps: ${STEPS[*]}"; }

long=""
chosen=()
for argument in "$@"; do
  case $argument in
    --long) long=1 ;;
    -h | --help)
      usage
      exit 0
      ;;
    -*)
      usage >&2
      exit 2
      ;;
    *)
      [[ " ${STEPS[*]} " == *" $argument "* ]] || {
        echo "run.sh: no step '$argument'; there are: ${STEPS[*]}" >&2
        exit 2
      }
      chosen+=("$argument")
      ;;
  esac
done
if [ ${#chosen[@]} -eq 0 ]; then
  chosen=("${STEPS[@]}")
  [ -n "$long" ] || chosen=(install lint layout build unit e2e quickstart fuzz asan tsan)
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/claimq-tests.XXXXXX")
trap 'rm -rf "$work"' EXIT
[ -z "$long" ] || export CLAIMQ_LONG=1
export PYTHONDONTWRITEBYTECODE=1
export UBSAN_OPTIONS=print_stacktrace=1

passed=0
failed=0
failures=()
preset=""  # Of the test programs that run.

# Runs a command as the named test: its output is shown when it fails.
check() { # name command...
  local name=$1 start=$SECONDS log status=0
  shift
  log=$(log_of "$name")
  "$@" >"$log" 2>&1 </dev/null || status=$?
  report "$name" $status $((SECONDS - start))
}

# The same for many, two at a time: a function that is called with each of the words.
check_each() { # prefix function word...
  local prefix=$1 function=$2 word
  shift 2
  declare -A running=() since=()
  for word in "$@"; do
    [ ${#running[@]} -lt 2 ] || await_one
    "$function" "$word" >"$(log_of "$prefix/$word")" 2>&1 </dev/null &
    running[$!]=$prefix/$word
    since[$!]=$SECONDS
  done
  while [ ${#running[@]} -gt 0 ]; do await_one; done
}

await_one() { # of check_each's `running`
  local pid status=0
  wait -n -p pid "${!running[@]}" || status=$?
  report "${running[$pid]}" $status $((SECONDS - since[$pid]))
  unset "running[$pid]"
}

log_of() { echo "$work/${1//[^a-zA-Z0-9_.-]/_}.log"; }

report() { # name status seconds
  local log
  log=$(log_of "$1")
  if [ "$2" -eq 0 ]; then
    passed=$((passed + 1))
    printf 'ok    %-28s %5d s%s\n' "$1" "$3" "$(skips_of "$log")"
  else
    failed=$((failed + 1))
    failures+=("$1")
    printf 'FAIL  %-28s %5d s\n' "$1" "$3"
    tail -n 120 "$log" | sed 's/^/      | /'
  fi
  return "$2"
}

skips_of() { # log
  local count
  count=$(grep -cE '^\[  SKIPPED \]|\.\.\. skipped' "$1")
  [ "$count" -eq 0 ] || echo "   ($count skipped)"
}

configure_and_build() { # preset target...
  local preset=$1
  shift
  cmake --preset "$preset" && ninja -C "build/$preset" -j2 "$@"
}

tests_of() { # preset: the test programs that CMake knows there
  ninja -C "build/$1" -t targets all | sed -n 's/^\([a-z_]*_test\): CXX_EXECUTABLE.*/\1/p'
}

test_programs() { # preset program... one check each
  preset=$1
  shift
  export TSAN_OPTIONS="suppressions=$root/tests/support/tsan.supp halt_on_error=1"
  export ASAN_OPTIONS="detect_stack_use_after_return=1"
  check_each "$preset" test_program "${@%_test}"
}

test_program() { # room
  timeout 1200 "build/$preset/${1}_test" --gtest_brief=1
}

sanitized() { # preset room...
  local preset=$1 program programs=() known
  shift
  check "$preset/configure" cmake --preset "$preset" || return
  known=$(tests_of "$preset")
  for program in $known; do
    [[ $# -eq 0 || " $* " == *" ${program%_test} "* ]] && programs+=("$program")
  done
  check "$preset/build" ninja -C "build/$preset" -j2 "${programs[@]}" || return
  test_programs "$preset" "${programs[@]}"
}

run_fuzzer() { # name
  local name=$1 seconds=60 corpus=$work/corpus-$1 dictionary=tests/fuzz/${1#fuzz_}.dict kept status=0
  [ -f "$dictionary" ] || dictionary=tests/fuzz/imap.dict
  [ -z "$long" ] || seconds=600
  mkdir -p "$corpus"  # A copy: the fuzzer adds to it.
  for kept in "tests/fuzz/corpus/$name" "tests/fuzz/corpus/${name#fuzz_}"; do
    [ ! -d "$kept" ] || cp -R "$kept/." "$corpus/"
  done
  "build/fuzz/$name" "$corpus" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -dict="$dictionary" \
    -artifact_prefix="$work/finding-$name-" || status=$?
  find "$work" -maxdepth 1 -name "finding-$name-*" -exec sh -c 'echo "$1:"; base64 "$1"' _ {} \;
  return $status
}

step_fuzz() {
  local fuzzers=(tests/fuzz/fuzz_*.cc)
  fuzzers=("${fuzzers[@]##*/}")
  check fuzz/build configure_and_build fuzz "${fuzzers[@]%.cc}" || return
  check_each fuzz run_fuzzer "${fuzzers[@]%.cc}"
}

step_install() {
  check install deploy/install.sh
  command -v npm >/dev/null || check install/node deploy/install.sh node
}

step_lint() {
  local scripts=(deploy/*.sh tests/run.sh .ci/run) script
  for script in "${scripts[@]}"; do
    check "lint/$(basename "$script")" bash -n "$script"
  done
  check lint/python /usr/bin/python3 -c 'import ast, pathlib, sys
for folder in sys.argv[1:]:
    for path in sorted(pathlib.Path(folder).rglob("*.py")):
        ast.parse(path.read_text(), str(path))' deploy tests
}

# The rule that keeps the rooms apart must refuse what the design forbids.
step_layout() { check layout cmake -DROOT="$root" -DWORK="$work" -P tests/layout/check_room_test.cmake; }

step_build() { check dev/build configure_and_build dev; }

step_unit() {
  check dev/build-tests configure_and_build dev || return
  local program programs=()
  for program in $(tests_of dev); do programs+=("$program"); done
  test_programs dev "${programs[@]}"
}

step_e2e() {
  check e2e/build configure_and_build dev claimqd claimq || return
  local file name
  for file in tests/e2e/test_*.py; do
    name=$(basename "$file" .py)
    check "e2e/${name#test_}" env CLAIMQ_BIN="$root/build/dev" timeout 1800 /usr/bin/python3 "$file" -v
  done
}

step_quickstart() {
  check quickstart/build configure_and_build dev claimqd claimq || return
  check quickstart/made-up env CLAIMQ_BIN="$root/build/dev" timeout 900 deploy/quickstart.sh --once
  if [ -n "${CLAIMQ_CORPUS:-}" ]; then
    check quickstart/corpus env CLAIMQ_BIN="$root/build/dev" timeout 900 deploy/quickstart.sh --once --data "$CLAIMQ_CORPUS"
  fi
}

step_asan() { sanitized asan; }
step_tsan() { sanitized tsan "${TSAN_ROOMS[@]}"; }

many_seeds() { # program
  local seed
  for seed in $(seq 1000 1499); do
    CLAIMQ_SEED=$seed "build/dev/$1" --gtest_brief=1 --gtest_filter='*Seed*:*Random*-*Seeds/*' || {
      echo "with CLAIMQ_SEED=$seed"
      return 1
    }
  done
}

step_seeds() {
  local program
  check seeds/build configure_and_build dev base_test store_test queue_test || return
  for program in base_test store_test queue_test; do check "seeds/${program%_test}" many_seeds "$program"; done
}

step_release() {
  check release/build configure_and_build release claimqd claimq || return
  check release/quickstart env CLAIMQ_BIN="$root/build/release" timeout 900 deploy/quickstart.sh --once
}

start=$SECONDS
for step in "${STEPS[@]}"; do
  [[ " ${chosen[*]} " == *" $step "* ]] || continue
  "step_$step"
done
echo
[ $failed -eq 0 ] || printf 'failed: %s\n' "${failures[@]}"
printf 'took %d min %d s\n' $(((SECONDS - start) / 60)) $(((SECONDS - start) % 60))
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
