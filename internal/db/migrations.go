package db

import "io/fs"

func migrationFiles() (fs.FS, error) { return fs.Sub(migrations, "migrations") }
