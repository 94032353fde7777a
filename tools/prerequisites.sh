#!/bin/sh
# Prints the Python to use, or says what is missing and how to get it.
set -eu

fail() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

[ "$(uname -s)" = Linux ] || fail "the local cloud needs Linux; on Windows use WSL 2, on macOS a Linux VM or container"

command -v terraform >/dev/null 2>&1 || fail "terraform is missing; install 1.11 or newer: https://developer.hashicorp.com/terraform/install"
version=$(terraform version 2>/dev/null | sed -n 's/^Terraform v\([0-9]*\.[0-9]*\).*/\1/p')
case "$version" in
  1.9 | 1.10 | 1.[0-8] | 0.*) fail "terraform $version is too old for the tests; install 1.11 or newer" ;;
  "") fail "terraform does not tell its version; try: terraform version" ;;
esac

# A name on PATH may be a version manager's shim without a Python behind it: only one that runs counts.
for python in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
  if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    command -v "$python"
    exit 0
  fi
done
fail "Python 3.11 or newer with venv is missing; on Debian or Ubuntu: apt-get install python3 python3-venv"
