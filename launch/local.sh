#!/usr/bin/env bash
# Makes or updates .venv beside pyproject.toml, then runs COMMAND in it (in the folder you are in).
#   launch/local.sh pytest
#   PYTHON=python3.12 launch/local.sh python -m dlcv.run --list
#   DLCV_EXTRAS=cuda,dev launch/local.sh python -m dlcv.run --config=experiments/vision/vit.py:default --workdir=runs/vit
# PYTHON is the interpreter of a new .venv (3.11 to 3.13; default: that of the present .venv, else python3).
# DLCV_EXTRAS are the extras of pyproject.toml to install (default: dev,language,peers).
set -euo pipefail

say() { printf 'launch/local.sh: %s\n' "$*" >&2; }

if [ $# -eq 0 ]; then
  echo "usage: [PYTHON=python3.12] [DLCV_EXTRAS=dev,language,peers] launch/local.sh COMMAND [ARGUMENT...]   e.g. launch/local.sh pytest" >&2
  exit 2
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
venv="$root/.venv"
stamp="$venv/dlcv-installed"
extras=${DLCV_EXTRAS-dev,language,peers}
version_of() { "$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null; }
pip() { "$venv/bin/python" -m pip "$@"; }
quiet=(-qq --no-input --disable-pip-version-check --progress-bar off)

present=$(version_of "$venv/bin/python") || present=""
python=${PYTHON:-}
if [ -z "$python" ]; then
  if [ -n "$present" ]; then python="$venv/bin/python"; else python=python3; fi
fi
version=$(version_of "$python") || { say "cannot run '$python': set PYTHON to a Python 3.11, 3.12 or 3.13"; exit 2; }
case "$version" in
  3.11.*|3.12.*|3.13.*) ;;
  *) say "'$python' is Python $version, dlcv needs 3.11, 3.12 or 3.13: set PYTHON, e.g. PYTHON=python3.12 launch/local.sh $1"; exit 2 ;;
esac

# The first line says where and for which interpreter .venv was made, the second what was installed into it.
home="$root $version"
wanted=$(cat "$root/pyproject.toml" "$root/constraints.txt" <(printf '%s' "$extras") | cksum)
current() { [ "$present" = "$version" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$home"$'\n'"$wanted" ]; }

# torch's plain Linux wheel brings gigabytes of CUDA: take the CPU build, or leave the peers out.
peers_on_cpu() {
  local pin; pin=$(sed -n 's/^torch==\([0-9.]*\).*/\1/p' "$root/constraints.txt")
  case ",$extras," in *,cuda,*) return 0 ;; *,peers,*) ;; *) return 0 ;; esac
  [ "$(uname -s)" = Linux ] || return 0
  pip show torch 2>/dev/null | grep -q "^Version: $pin\(+.*\)\?$" && return 0
  pip install "${quiet[@]}" -c "$root/constraints.txt" "torch==$pin+cpu" 2>/dev/null && return 0
  say "no CPU build of torch $pin for Python $version in pip's indexes: its tests will be skipped (DLCV_EXTRAS=cuda,dev,language,peers takes the CUDA build)"
  extras=$(printf '%s' "$extras" | tr ',' '\n' | sed '/^peers$/d' | paste -sd, -)
}

install() {
  local base
  if [ "$present" != "$version" ] || ! pip --version >/dev/null 2>&1 ||
     { [ -f "$stamp" ] && [ "$(head -n 1 "$stamp")" != "$home" ]; }; then
    base=$("$python" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))')
    "$base" -m venv --clear "$venv"
  fi
  rm -f "$stamp"
  say "installing dlcv[$extras] into .venv (Python $version); the first time takes minutes"
  peers_on_cpu
  (cd "$root" && pip install "${quiet[@]}" -c constraints.txt -e ".${extras:+[$extras]}")
  printf '%s\n%s\n' "$home" "$wanted" > "$stamp.new"
  mv "$stamp.new" "$stamp"
}

if ! current; then
  mkdir -p "$root/.cache"
  exec 9> "$root/.cache/install.lock"
  if command -v flock >/dev/null; then flock 9; fi
  present=$(version_of "$venv/bin/python") || present=""
  if ! current; then install; fi
  exec 9>&-
fi

export VIRTUAL_ENV="$venv" PATH="$venv/bin:$PATH"
unset PYTHONHOME
exec "$@"
