#!/bin/sh
# Installs what the tests need from the system, when root on Debian or Ubuntu and missing; else says what to install.
# Tests that need a package skip with a reason when it is not there, and fail where CI is set (tests/needed.py).
set -eu
PATH="$PATH:/usr/sbin" # nginx is there, off the path of who is not root
missing=""
command -v chromium-headless-shell >/dev/null 2>&1 || command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || missing="$missing chromium"
command -v nginx >/dev/null 2>&1 || missing="$missing nginx-light"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v pdftotext >/dev/null 2>&1 || missing="$missing poppler-utils"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing for the tests:$missing"
  export DEBIAN_FRONTEND=noninteractive
  said=$(mktemp) # what apt says matters only when it fails: packages complain of each other while they install
  # shellcheck disable=SC2086
  if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >"$said" 2>&1; then
    tail -n 5 "$said"
    echo "Could not install$missing: the tests that need them will skip, or fail where CI is set."
  fi
  rm -f "$said"
else
  echo "Not installed:$missing. Install with: sudo apt-get install$missing (the tests that need them skip, or fail where CI is set)"
fi
