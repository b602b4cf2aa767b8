#!/usr/bin/env bash
# Starts oidc-provider on http://127.0.0.1:${1:-9090}, and stays in front. It installs the pinned
# version into a folder of its own the first time: $OIDC_PROVIDER_HOME, or one beside the temporary
# files.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
home=${OIDC_PROVIDER_HOME:-${TMPDIR:-/tmp}/probity-oidc-provider}
if [ ! -d "$home/node_modules/oidc-provider" ]; then
    mkdir -p "$home"
    npm install --silent --no-save --prefix "$home" oidc-provider@9.13.3
fi
cp "$here/server.mjs" "$home/server.mjs"
exec node "$home/server.mjs" "${1:-9090}"
