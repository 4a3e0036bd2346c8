//go:build !linux

package doctor

// Elsewhere nothing is known about disks, and nothing is said.

func freeSpace(string) (free uint64, known bool) { return 0, false }

func sharedDisk(string) string { return "" }
