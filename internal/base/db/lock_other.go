//go:build !unix

package db

import "os"

func lockFile(*os.File) error { return nil }
