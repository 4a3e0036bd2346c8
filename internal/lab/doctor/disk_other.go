//go:build !linux

package doctor

// FreeSpace is not known here, and nothing is said about disks.
func FreeSpace(string) (free uint64, known bool) { return 0, false }

func sharedDisk(string) string { return "" }
