#!/usr/bin/env bash
# Runs a command with HEYY_TEST_POSTGRES naming a throwaway PostgreSQL server,
# on a socket in a folder of its own, and removes both afterwards. PostgreSQL refuses to
# run as root, so root lends it another user. If HEYY_TEST_POSTGRES is set
# already, that server is used.
#
# Temporary files, the server's too, are kept in memory where there is room:
# nothing of a test outlives it, so nothing waits for a disk.
#
#   scripts/postgres.sh COMMAND [ARGUMENT...]
set -euo pipefail

if [ -n "${HEYY_TEST_POSTGRES:-}" ]; then
	exec "$@"
fi

if command -v initdb >/dev/null && command -v pg_ctl >/dev/null; then
	bin=$(dirname "$(readlink -f "$(command -v initdb)")")
else
	bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n1 || true)
fi
if [ -z "$bin" ] || [ ! -x "$bin/initdb" ]; then
	echo "PostgreSQL is not installed: on Debian, apt-get install postgresql" >&2
	exit 1
fi

memory=/dev/shm
if [ -w "$memory" ] && [ "$(df --output=avail -k "$memory" | tail -n1)" -gt 4000000 ]; then
	export GOTMPDIR=${GOTMPDIR:-${TMPDIR:-/tmp}} # programs that are being built are large
else
	memory=/tmp
fi
# Short: the path of a socket has room for about 100 characters.
dir=$(mktemp -d "$memory/heyy-pg.XXXXXX")
as=()
if [ "$(id -u)" = 0 ]; then
	user=postgres
	id "$user" >/dev/null 2>&1 || user=nobody
	chown "$user" "$dir"
	as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups env "HOME=$dir")
fi

stop() {
	(cd / && "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop) >/dev/null 2>&1 || true
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Nothing here outlives the tests, so nothing waits for the disk.
if ! (
	cd "$dir"
	"${as[@]}" "$bin/initdb" -D "$dir/data" -U heyy -A trust -E UTF8 --locale=C --no-sync
	"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 60 \
		-o "-k $dir -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400 -c shared_buffers=64MB" start
) >"$dir/start" 2>&1; then
	cat "$dir/start" "$dir/log" >&2 2>/dev/null || true
	echo "PostgreSQL did not start; see above." >&2
	exit 1
fi

if [ "$memory" != /tmp ]; then
	mkdir "$dir/tmp"
	chmod 1777 "$dir" "$dir/tmp"
	export TMPDIR="$dir/tmp"
fi
export HEYY_TEST_POSTGRES="postgres://heyy@/postgres?host=$dir"
"$@"
