#!/usr/bin/env bash
# One task a host, all its GPUs. Arguments go to dlcv.run as they are; --workdir must lie on a file system that all hosts see.
#   sbatch --nodes=2 --gpus-per-node=8 launch/slurm.sh --config=experiments/vision/vit.py:paper --workdir=runs/vit --data_dir=DATA
# Submit from the repository's root. A run that meets its time limit gets SIGTERM, saves, and the requeued job goes on from there.
#SBATCH --job-name=dlcv
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --gpus-per-node=1
#SBATCH --time=04:00:00
#SBATCH --signal=TERM@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=slurm-%x-%j.log
set -euo pipefail
cd "${SLURM_SUBMIT_DIR:-.}"
export DLCV_EXTRAS="${DLCV_EXTRAS-cuda}"

launch/local.sh true  # once, before every host looks at the same .venv
srun --kill-on-bad-exit=1 launch/local.sh python -m dlcv.run --multihost "$@"
