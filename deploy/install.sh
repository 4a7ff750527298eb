#!/usr/bin/env bash
# Installs the Debian 12 packages of the named sections of packages.txt (all sections without arguments).
# Does nothing, and needs no rights, when they are there already.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

packages_of() { # section...
  awk -v wanted=" $* " '
    { sub(/#.*/, ""); gsub(/[ \t\r]/, "") }
    $0 == "" { next }
    /^\[.*\]$/ { on = index(wanted, " " substr($0, 2, length($0) - 2) " "); next }
    on { print }' "$here/packages.txt"
}

sections=("$@")
[ ${#sections[@]} -gt 0 ] || sections=(build demo test)
for section in "${sections[@]}"; do
  grep -qxF "[$section]" "$here/packages.txt" || {
    echo "install.sh: no section [$section] in packages.txt" >&2
    exit 2
  }
done
if ! command -v dpkg-query >/dev/null; then
  echo "install.sh: this is no Debian system; install what deploy/packages.txt lists by your own means" >&2
  exit 1
fi

mapfile -t packages < <(packages_of "${sections[@]}")
missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [ "$state" = "install ok installed" ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "install.sh: all ${#packages[@]} packages are installed"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "install.sh: needs root or sudo to install: ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "install.sh: installing ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
