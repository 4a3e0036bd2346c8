package db

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
)

func migrationFiles() (fs.FS, error) { return fs.Sub(migrations, "migrations") }

// SchemaHash names the schema that Migrate makes: it changes with every
// migration, and with every change of one.
func SchemaHash() (string, error) {
	files, err := fs.ReadDir(migrations, "migrations")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, f := range files {
		text, err := migrations.ReadFile("migrations/" + f.Name())
		if err != nil {
			return "", err
		}
		_, _ = fmt.Fprintf(h, "%s %d\n%s", f.Name(), len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}
