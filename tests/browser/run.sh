#!/usr/bin/env bash
# The page in a real browser: filters, links, no request, accessibility, print. Needs node, npm, Chromium
# and, the first time, the npm registry; `cargo test` needs none of them and never runs this.
#
#   tests/browser/run.sh [PAGE]      PAGE: a report.html with red rows; else one is made
#
# Exit code 0: all held. 1: something did not hold. 77: not run, for want of what stands in the message.
set -euo pipefail
cd "$(dirname "$0")/../.."

not_run() { echo "not run: $1" >&2; exit 77; }

command -v node >/dev/null || not_run "node is not there"
command -v npm >/dev/null || not_run "npm is not there"
if [ -z "${CHROMIUM:-}" ]; then
    for name in chromium chromium-browser google-chrome; do
        CHROMIUM=$(command -v "$name") && break
    done
fi
[ -n "${CHROMIUM:-}" ] || not_run "Chromium is not there; CHROMIUM names another place"
export CHROMIUM

# Outside of the sources, so that nothing of npm's is ever committed.
tools=${PROBITY_BROWSER_TOOLS:-target/browser}
mkdir -p "$tools"
if [ ! -d "$tools/node_modules/axe-core" ] || [ ! -d "$tools/node_modules/playwright-core" ]; then
    npm install --prefix "$tools" --no-audit --no-fund --silent playwright-core@1 axe-core@4 ||
        not_run "npm cannot install playwright-core and axe-core"
fi
modules=$(cd "$tools/node_modules" && pwd)

page=${1:-}
if [ -z "$page" ]; then
    [ -x "${PROBITY:-target/debug/probity}" ] || cargo build --locked
    node tests/browser/red.mjs "$tools/out" || not_run "no red run could be made"
    page=$tools/out/report.html
fi
MODULES=$modules exec node tests/browser/page.mjs "$page"
