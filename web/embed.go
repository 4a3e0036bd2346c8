// Package web holds the built client, so that the binary needs nothing beside
// it. The dist folder is empty but for .keep until the client has been built;
// then Dist has no index.html, and whoever serves it says so.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var files embed.FS

// Dist is the built client with index.html at its root.
func Dist() fs.FS {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		// Only an invalid path can fail, and this one is a constant.
		panic(err)
	}
	return dist
}
