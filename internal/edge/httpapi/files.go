package httpapi

import (
	"fmt"
	"hash/crc64"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// policy lets the client load and run only what comes from us. WebSockets of
// the same origin are 'self'; styles are set on elements by the client.
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"media-src 'self' blob: mediastream:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// index is the one page of the client.
const index = "index.html"

// files serves the client. Whatever is no file is a page of the client.
func (a *API) files(client fs.FS) http.Handler {
	tags := etags(client)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			refusal(r.Context(), http.StatusMethodNotAllowed, "this can only be read").write(w)
			return
		}
		h := w.Header()
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		_, known := tags[name]
		switch {
		case !known && path.Ext(name) != "":
			refusal(r.Context(), http.StatusNotFound, "there is nothing at this address").write(w)
			return
		case !known, name == index: // also by its name, for the service worker keeps that answer
			name = index
			h.Set("Content-Security-Policy", policy)
			h.Set("Permissions-Policy", "microphone=(self), camera=(self), geolocation=()")
			h.Set("Cache-Control", "no-cache")
		case strings.HasPrefix(name, "assets/"):
			h.Set("Cache-Control", "public, max-age=31536000, immutable") // the name carries a hash
		default:
			h.Set("Cache-Control", "no-cache")
		}
		h.Set("Content-Type", kindOf(name))
		if name == index {
			if p, ok := a.preview(r); ok && a.servePreview(w, r, client, p) == nil {
				return
			}
		}
		h.Set("Vary", "Accept-Encoding")
		for _, c := range compressions {
			if _, is := tags[name+c.extension]; is && accepts(r, c.encoding) {
				h.Set("Content-Encoding", c.encoding)
				name += c.extension
				break
			}
		}
		h.Set("ETag", tags[name])
		f, err := client.Open(name)
		if err != nil {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte("<!doctype html><title>Heyy</title><p>This binary was built without the client. Run <code>make build</code>."))
			return
		}
		defer func() { _ = f.Close() }()
		http.ServeContent(w, r, "", time.Time{}, f.(io.ReadSeeker)) // as every file of an embedded folder is
	})
}

// compressions are the forms that web/scripts/compress.mjs makes of a file, the smallest first.
var compressions = []struct{ encoding, extension string }{{"br", ".br"}, {"gzip", ".gz"}}

// accepts reports whether a client takes an encoding, after RFC 9110, 12.5.3.
func accepts(r *http.Request, encoding string) bool {
	for _, one := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(one), ";")
		if strings.EqualFold(strings.TrimSpace(name), encoding) {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
			return weight == "" || err == nil && q > 0
		}
	}
	return false
}

// etags returns the ETag of each file.
func etags(client fs.FS) map[string]string {
	tags := map[string]string{}
	_ = fs.WalkDir(client, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(client, name)
		tags[name] = fmt.Sprintf(`"%x"`, crc64.Checksum(data, crc64.MakeTable(crc64.ECMA)))
		return err
	})
	return tags
}

// kindOf does not ask the machine: what it knows of types differs.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".webmanifest":
		return "application/manifest+json"
	case ".woff2":
		return "font/woff2"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
