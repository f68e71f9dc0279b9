#!/usr/bin/env bash
# Tests and times the CUDA kernels on a machine that has a card and its driver, and perhaps Python with PyTorch, and
# nothing else. Here, with Go:
#
#   bench/gpu.sh pack OUT          fills the folder OUT: programs, their kernels, this script
#
# There, in one call of a few minutes:
#
#   OUT/gpu.sh run [-out FOLDER] [-only PARTS] [-budget 9m]
#                                  writes FOLDER/<card>-<date>.json (default: OUT), after each part anew
#
# Copy the file to bench/results, then `go run ./bench/gpu proven` and `go run ./bench/gpu table`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

pack() {
  local out=$1
  mkdir -p "$out"
  out=$(cd "$out" && pwd)
  cd "$here/.."
  export CGO_ENABLED=0 GOOS=linux GOARCH=${GOARCH:-amd64}
  go build -trimpath -buildvcs=false -ldflags='-s -w' -o "$out/gpu" ./bench/gpu
  go test -c -trimpath -buildvcs=false -ldflags='-s -w' -o "$out/cuda.test" ./kernels/cuda
  cp bench/gpu.sh bench/gpu/peer.py "$out/"
  # which text was packed: the commit, and whether anything was changed since
  { git describe --always --dirty --abbrev=40 2>/dev/null || echo unknown; } >"$out/commit"
  du -ch "$out"/* | tail -n 1
}

case "${1:-}" in
pack)
  [ $# -eq 2 ] || { echo "usage: bench/gpu.sh pack OUT" >&2; exit 2; }
  pack "$2"
  ;;
run)
  shift
  [ -x "$here/gpu" ] || { echo "$here holds no pack: run 'bench/gpu.sh pack OUT' where there is Go, then OUT/gpu.sh run" >&2; exit 2; }
  exec "$here/gpu" run "$@"
  ;;
*)
  echo "usage: bench/gpu.sh pack OUT | OUT/gpu.sh run [-out FOLDER] [-only PARTS] [-budget 9m] [-tiny]" >&2
  exit 2
  ;;
esac
