#!/bin/sh
# Makes internal/lab/resident/voices and internal/lab/bot/tones from script.yaml.
set -eu
cd "$(dirname "$0")/../.."
packages="flite festival festvox-us-slt-hts espeak-ng praat sox ffmpeg"
missing=""
for p in $packages; do
	dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q '^install ok installed' || missing="$missing $p"
done
if [ -n "$missing" ]; then
	if [ "$(id -u)" -ne 0 ]; then
		echo "missing Debian packages:$missing" >&2
		exit 1
	fi
	apt-get update -qq
	# shellcheck disable=SC2086
	apt-get install -y -qq --no-install-recommends $missing
fi
exec go run ./tools/voices "$@"
