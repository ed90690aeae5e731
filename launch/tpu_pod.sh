#!/usr/bin/env bash
# Runs one experiment on every host of a TPU pod slice. The repository lies in the same folder of each host (FOLDER, default dlcv).
#   TPU=my-pod ZONE=us-central2-b launch/tpu_pod.sh --config=experiments/vision/vit.py:paper --workdir=gs://BUCKET/vit
# Arguments go to dlcv.run as they are; --workdir must be one that all hosts see.
set -euo pipefail
if [ $# -eq 0 ] || [ -z "${TPU:-}" ] || [ -z "${ZONE:-}" ]; then
  echo "usage: TPU=NAME ZONE=ZONE [FOLDER=dlcv] launch/tpu_pod.sh --config=experiments/TOPIC/SYSTEM.py:RUNG --workdir=WORKDIR" >&2
  exit 2
fi
command="cd $(printf %q "${FOLDER:-dlcv}") && DLCV_EXTRAS=tpu launch/local.sh python -m dlcv.run --multihost$(printf ' %q' "$@")"
exec gcloud compute tpus tpu-vm ssh "$TPU" --zone="$ZONE" --worker=all --command="$command"
