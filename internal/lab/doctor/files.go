package doctor

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"heyy/internal/base/config"
)

// FewFiles is the recommended minimum of open files of a process: each connection takes
// one, and a person has three connections.
const FewFiles = 4096

// files checks the limit of open files. A service has another limit than the shell that
// runs the doctor, so it reads the one of a running Heyy.
func files(c config.Config) Finding {
	for _, p := range wanted(c) {
		if who, known := holder(p.network, p.number); known && who.name == "heyy" {
			if n, known := filesOf(who.pid); known {
				return fewOr(n, "The running Heyy")
			}
		}
	}
	n, known := Files()
	if !known {
		return ok("open files", "The limit can't be read on this system.")
	}
	return fewOr(n, "A program started here")
}

func fewOr(n uint64, who string) Finding {
	const check = "open files"
	if n < FewFiles {
		return warn(check, "Raise it: LimitNOFILE=65536 in the systemd unit, or ulimit -n 65536 in the shell that starts Heyy.",
			"%s may open %d files, and each connection counts as one.", who, n)
	}
	return ok(check, "%s may open %d.", who, n)
}

// filesOf returns the limit of open files of another process, from /proc on Linux.
func filesOf(pid int) (n uint64, known bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		return 0, false
	}
	for _, line := range strings.Split(string(text), "\n") {
		rest, found := strings.CutPrefix(line, "Max open files")
		if !found {
			continue
		}
		soft, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
		if soft == "unlimited" {
			return 1 << 20, true
		}
		n, err := strconv.ParseUint(soft, 10, 64)
		return n, err == nil
	}
	return 0, false
}
