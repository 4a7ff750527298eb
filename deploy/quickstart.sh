#!/usr/bin/env bash
# One queue, two doors, a crash in the middle: installs and builds claimqd, lets gRPC workers and IMAP consumers compete for
# messages, and goes on serving for a look with a mail client.
#   ./deploy/quickstart.sh [--data FOLDER] [--once]
#     --data FOLDER  enqueue the mails and JSON files of FOLDER instead of 2,000 made-up messages
#     --once         end after the race: 0 when each message was done exactly once, else 1
# CLAIMQ_BIN=FOLDER uses the claimqd of that folder and builds nothing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/.." && pwd)
usage() { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; }

arguments=()
while [ $# -gt 0 ]; do
  case $1 in
    --once) arguments+=(--once) ;;
    --data)
      if [ $# -lt 2 ] || [ ! -d "$2" ]; then
        echo "quickstart.sh: --data needs a folder" >&2
        exit 2
      fi
      arguments+=(--data "$(cd "$2" && pwd)")
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  shift
done

if [ -n "${CLAIMQ_BIN:-}" ]; then
  bin=$CLAIMQ_BIN
else
  "$here/install.sh" build demo
  bin=$root/build/release
  echo "building claimqd and claimq (the first time takes some minutes) ..."
  (cd "$root" && cmake --preset release >"${TMPDIR:-/tmp}/claimq-cmake.$$.log" 2>&1) || {
    tail -n 30 "${TMPDIR:-/tmp}/claimq-cmake.$$.log" >&2
    exit 1
  }
  rm -f "${TMPDIR:-/tmp}/claimq-cmake.$$.log"
  ninja -C "$bin" claimqd claimq
fi
exec env PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$here/quickstart/demo.py" --claimqd "$bin/claimqd" ${arguments[@]+"${arguments[@]}"}
