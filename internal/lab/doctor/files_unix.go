//go:build unix

package doctor

import "syscall"

// Files is the limit of open files of this process. Go raises what it was given to
// what it may have.
func Files() (n uint64, known bool) {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return 0, false
	}
	return uint64(r.Cur), true //nolint:unconvert // signed on some systems
}
