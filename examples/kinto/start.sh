#!/usr/bin/env bash
# Starts Kinto on http://127.0.0.1:${1:-8888}/v1 with everything in memory, and stays in front.
# It installs the pinned version into a folder of its own the first time: $KINTO_HOME, or one
# beside the temporary files.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
home=${KINTO_HOME:-${TMPDIR:-/tmp}/probity-kinto}
if [ ! -x "$home/bin/kinto" ]; then
    python3 -m venv "$home"
    "$home/bin/pip" install --quiet -r "$here/requirements.txt"
fi
# The directory decides whether /__version__ finds a version.json: this one has none.
cd "$home"
exec "$home/bin/kinto" start --ini "$here/kinto.ini" --port "${1:-8888}"
