#!/usr/bin/env bash
# Runs the Go tests and prints what `go test -json` says: those of packages with
# goroutines under the race detector, the others without, where it finds nothing
# and costs five times the time. The two groups run side by side.
#
#   scripts/gotests.sh              all
#   scripts/gotests.sh ARGUMENT...  these, under the race detector
set -uo pipefail

# Without tables for debuggers, which nobody attaches: linking takes two thirds of the
# time. Traces and race reports have their lines all the same.
flags=(-json -vet=off -count=1 -timeout=30m '-ldflags=-s -w')

# SQLite is C in the words of Go: the race detector finds nothing of ours in it, and
# makes it five times as slow. What calls it, and how it waits, is still watched. The
# Opus decoder is arithmetic on what one caller gives it, and ten times as slow; that
# our own has one caller at a time is seen where it calls the library.
race=(
	-race
	'-gcflags=modernc.org/sqlite/lib=-race=false'
	'-gcflags=modernc.org/libc/...=-race=false'
	'-gcflags=github.com/pion/opus/...=-race=false'
)

if [ $# -gt 0 ]; then
	exec go test "${flags[@]}" "${race[@]}" "$@"
fi

# No goroutine starts or waits in these; a test in internal/lab/arch holds the
# list to that. e2e drives the program from outside.
unraced='
e2e
internal/base/blobref
internal/base/config
internal/base/fault
internal/base/id
internal/base/language
internal/base/page
internal/base/signedurl
internal/base/textrule
internal/edge/apitypes
internal/lab/arch
internal/live/slots
internal/media/aura
internal/media/imaging
internal/meet/matchmaking/pairing
internal/meet/matchmaking/pool
internal/meet/matchmaking/simulation
tools/towns
'
mapfile -t all < <(go list ./...)
plain=() raced=()
for package in "${all[@]}"; do
	if grep -qx "${package#heyy/}" <<<"$unraced"; then plain+=("$package"); else raced+=("$package"); fi
done

# In files, so that lines of the two do not mix.
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
go test "${flags[@]}" -p 1 "${plain[@]}" >"$out/plain" 2>&1 &
other=$!
go test "${flags[@]}" "${race[@]}" "${raced[@]}"
code=$?
wait "$other" || code=$?
cat "$out/plain"
exit "$code"
