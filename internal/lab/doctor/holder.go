package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// process is the process that has a port open.
type process struct {
	pid  int
	name string
}

// holder finds the process that listens on a port, from /proc on Linux: first the socket's
// inode, then the process that has it open. It cannot see processes of other users or
// outside a container.
func holder(network string, number int) (process, bool) {
	inodes := map[string]bool{}
	for _, file := range []string{network, network + "6"} {
		text, err := os.ReadFile("/proc/net/" + file)
		if err != nil {
			continue
		}
		for _, line := range strings.Split(string(text), "\n") {
			f := strings.Fields(line)
			// sl local_address rem_address st ... inode is the tenth
			if len(f) < 10 || network == "tcp" && f[3] != "0A" { // 0A is LISTEN
				continue
			}
			if _, port, found := strings.Cut(f[1], ":"); found && port == fmt.Sprintf("%04X", number) {
				inodes["socket:["+f[9]+"]"] = true
			}
		}
	}
	if len(inodes) == 0 {
		return process{}, false
	}
	links, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return process{}, false
	}
	for _, l := range links {
		to, err := os.Readlink(l)
		if err != nil || !inodes[to] {
			continue
		}
		parts := strings.Split(l, "/")
		pid, err := strconv.Atoi(parts[2])
		if err != nil {
			continue
		}
		name, err := os.ReadFile("/proc/" + parts[2] + "/comm")
		if err != nil {
			continue
		}
		return process{pid, strings.TrimSpace(string(name))}, true
	}
	return process{}, false
}
