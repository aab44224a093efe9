#!/usr/bin/env bash
# The bench on a machine with a GPU and no browser: says what the machine lacks, then runs.
#
#   bash test/bench/gpu-machine.sh [--check] [--only CASE]... [--dry] [other options of the bench]
#
# --check only looks. Without --only all cases run. PyTorch is timed beside it where $PYTHON (else
# python3) has torch, torchvision and timm. The result is ADAPTER-DATE.json in $RESULTS, else in
# test/bench/results/, whose README says how it is read.
set -euo pipefail
cd "$(dirname "$0")/../.."

python=${PYTHON:-python3}
results=${RESULTS:-test/bench/results}
lacking=0

have() { printf 'ok       %s\n' "$*"; }
without() { printf 'without  %s\n' "$*"; }
lack() {
  printf 'MISSING  %s\n' "$*"
  lacking=1
}

check_node() {
  local version major minor
  version=$(node -p process.versions.node 2>/dev/null) || { lack 'node 20.19 or newer'; return; }
  IFS=. read -r major minor _ <<<"$version"
  if ((major > 20 || (major == 20 && minor >= 19))); then
    have "node $version"
  else
    lack "node 20.19 or newer: this is $version"
  fi
  if [ ! -d node_modules/vite ]; then
    lack 'modules: PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund'
  elif [ ! -d node_modules/webgpu ]; then
    lack 'npm webgpu, Dawn in node: npm ci without --omit=optional'
  elif ! node -e 'import("webgpu").catch((e) => { console.error(e.message); process.exit(1); })'; then
    lack 'npm webgpu does not load, for the reason above (on Linux it needs glibc 2.34 or newer)'
  else
    have "npm webgpu $(node -p 'require("./node_modules/webgpu/package.json").version')"
  fi
}

check_vulkan() {
  [ "$(uname -s)" = Linux ] || return 0 # Metal and Direct3D are there
  if ldconfig -p | grep -q 'libvulkan\.so\.1'; then
    have 'libvulkan.so.1'
  else
    lack 'Vulkan: apt-get install libvulkan1'
  fi
  local drivers=${VK_DRIVER_FILES:-${VK_ICD_FILENAMES:-}}
  if [ -z "$drivers" ]; then
    drivers=$(find /etc/vulkan/icd.d /usr/share/vulkan/icd.d -name '*.json' 2>/dev/null | tr '\n' ' ') || true
  fi
  if [ -n "$drivers" ]; then have "Vulkan drivers: $drivers"; else without 'Vulkan drivers'; fi
  if ! command -v nvidia-smi >/dev/null; then
    without 'nvidia-smi'
    return
  fi
  have "$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader | head -n 1)"
  if [[ $drivers != *nvidia* ]]; then
    lack "NVIDIA's Vulkan driver, nvidia_icd.json with libGLX_nvidia.so.0: libnvidia-gl-VERSION (Ubuntu)
         or nvidia-vulkan-icd (Debian); in a container, NVIDIA_DRIVER_CAPABILITIES=all at its start"
  fi
}

# The last word on the above: what Dawn finds.
check_adapter() {
  local found said
  said=$(mktemp)
  if found=$(node --import tsx test/bench/adapter.node.ts 2>"$said"); then
    have "adapter: $found"
  else
    cat "$said" >&2
    lack 'a GPU: Dawn finds none through these drivers'
  fi
  rm -f "$said"
}

has_torch() { "$python" -c 'import timm, torch, torchvision' 2>/dev/null; }

check_torch() {
  if has_torch; then
    have "PyTorch $("$python" -c 'import torch; print(torch.__version__, "CUDA" if torch.cuda.is_available() else "CPU only")')"
  else
    without "PyTorch: $python -m pip install torch torchvision timm"
  fi
}

look=0
dry=0
only=()
rest=()
while (($# > 0)); do
  case $1 in
    --check) look=1 ;;
    --dry) dry=1 rest+=(--dry) ;;
    --only) only+=(--only "${2:?--only: which case?}") && shift ;;
    *) rest+=("$1") ;;
  esac
  shift
done
((${#only[@]} > 0)) || only=(--only '*')

check_node
check_vulkan
((lacking)) || check_adapter
check_torch
((lacking == 0)) || exit 1
((look == 0)) || exit 0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if ((dry == 0)) && has_torch; then
  "$python" test/bench/torch_step.py --json "$scratch/torch.json" "${only[@]}"
  rest+=(--torch "$scratch/torch.json")
fi
npm run --silent bench -- "${only[@]}" ${rest[@]+"${rest[@]}"} --runtime node --json "$scratch/bench.json"
name=$(node -p '
  const { adapter, date } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
  const words = adapter.toLowerCase().match(/[a-z0-9]+/g) ?? ["gpu"];
  `${words.join("-")}-${date.slice(0, 10)}`' "$scratch/bench.json")
((dry == 0)) || name=$name-dry
mkdir -p "$results"
cp "$scratch/bench.json" "$results/$name.json"
echo "written: $results/$name.json"
