package doctor

import "syscall"

// FreeSpace is the number of bytes an ordinary user may still write to the disk of dir.
func FreeSpace(dir string) (free uint64, known bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}

// shared are file systems that are reached over a network, by their numbers in
// statfs(2). Locks on them do not hold what SQLite needs.
var shared = map[int64]string{
	0x6969:     "NFS",
	0x517b:     "SMB",
	0xff534d42: "CIFS",
	0xfe534d42: "SMB",
	0x01021997: "a share of the host (9p)",
	0x00c36400: "Ceph",
	0x5346414f: "AFS",
}

func sharedDisk(dir string) string {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return ""
	}
	return shared[int64(uint32(s.Type))]
}
