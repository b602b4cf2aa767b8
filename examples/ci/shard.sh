#!/bin/sh
# Runs one shard of a run: a pod of an indexed Kubernetes Job, a job of a GitHub matrix, or any process
# that has a number from 0.
#
#   JOB_COMPLETION_INDEX  the number of this process, from 0; Kubernetes sets it
#   PROBITY_SHARDS        how many processes there are: the `completions` of the Job
#   PROBITY_REPORTS       the folder for all shards (`reports` when absent); this one writes into shard-N
#   PROBITY               the program (`probity` on the path when absent)
#
# Arguments go to `probity run`. What the rows say is judged when all shards are there, by `probity merge`;
# here only a shard that has no results, or was stopped, is a failure.
set -eu

: "${JOB_COMPLETION_INDEX:?is not set: the number of this process, from 0}"
: "${PROBITY_SHARDS:?is not set: how many processes there are}"
shard=$((JOB_COMPLETION_INDEX + 1))
stopped=

# A shell that is the first process of a container passes no signal on by itself, and a run that is stopped
# has to remove what it made.
trap 'stopped=1; kill -s TERM "$run" 2>/dev/null || :' INT TERM

"${PROBITY:-probity}" run --shard "$shard/$PROBITY_SHARDS" \
  --output-dir "${PROBITY_REPORTS:-reports}/shard-$shard" "$@" &
run=$!

code=0
wait "$run" || code=$?
# A signal ends the waiting and not the run.
while kill -0 "$run" 2>/dev/null; do
  code=0
  wait "$run" || code=$?
done

if [ -n "$stopped" ]; then
  exit 143
fi
case $code in
  0 | 1 | 2 | 5) exit 0 ;;
  *) exit "$code" ;;
esac
