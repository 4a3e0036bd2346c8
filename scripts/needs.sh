#!/usr/bin/env bash
# Says whether this machine has what a target needs, in words; on Debian, and as
# root, installs what the tests need.
#
#   scripts/needs.sh run|test
set -euo pipefail

missing=()
old() { # old WHAT HAVE WANT
	[ "$(printf '%s\n%s\n' "$3" "$2" | sort -V | head -n1)" != "$3" ] && missing+=("$1 $3 or newer (here is $2)")
	return 0
}

if command -v go >/dev/null; then
	old Go "$(go env GOVERSION | sed 's/^go//')" 1.26
else
	missing+=("Go 1.26 or newer, from https://go.dev/dl")
fi
if command -v node >/dev/null && command -v npm >/dev/null; then
	old Node "$(node --version | sed 's/^v//')" 20.19
else
	missing+=("Node 20.19 or newer with npm, from https://nodejs.org")
fi

postgres_bin() {
	if command -v initdb >/dev/null && command -v postgres >/dev/null; then return 0; fi
	compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}
chromium_bin() {
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null
}
# Quicker, and of Debian alone: without it the whole browser does.
shell_bin() {
	command -v chromium-headless-shell >/dev/null || ! grep -qs '^ID=debian' /etc/os-release
}

# Pictures and measures of Chinese screens need a face that has the characters.
chinese_face() { [ -n "$(fc-list ':charset=4f60' 2>/dev/null)" ]; }
firefox_bin() { command -v firefox-esr >/dev/null || command -v firefox >/dev/null; }

if [ "${1:-run}" = test ]; then
	packages=()
	want() { # want PACKAGE COMMAND...: the package, unless the command finds it
		local package=$1
		shift
		"$@" || packages+=("$package")
	}
	has() { command -v "$1" >/dev/null; }
	want gcc has gcc
	want chromium chromium_bin
	want chromium-headless-shell shell_bin
	want firefox-esr firefox_bin
	want postgresql postgres_bin
	want sox has sox
	want iproute2 has ip
	want perl has perl
	want openssl has openssl
	want fonts-droid-fallback chinese_face
	if [ ${#packages[@]} -gt 0 ]; then
		if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
			echo "· Installing what the tests need: ${packages[*]}"
			log=$(mktemp)
			if ! {
				apt-get -q update &&
					DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "${packages[@]}"
			} >"$log" 2>&1; then
				tail -n 20 "$log" >&2
				rm -f "$log"
				echo "They could not be installed; see above." >&2
				exit 1
			fi
			rm -f "$log"
		else
			missing+=("${packages[@]}")
		fi
	fi
fi

if [ ${#missing[@]} -gt 0 ]; then
	echo "This machine lacks:" >&2
	printf '  - %s\n' "${missing[@]}" >&2
	if [ "${1:-run}" = test ]; then
		echo "On Debian or Ubuntu: sudo apt-get install gcc chromium firefox-esr postgresql sox iproute2 perl fonts-droid-fallback" >&2
	fi
	exit 1
fi
