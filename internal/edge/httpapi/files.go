package httpapi

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/crc64"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// policy lets the client load and run only what comes from us. WebSockets of
// the same origin are 'self'; styles are set on elements by the client.
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"media-src 'self' blob: mediastream:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// files serves the client. Whatever is no file is a page of the client.
func files(client fs.FS) http.Handler {
	z := &zipped{client: client, all: map[string]zip{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			refusal(r.Context(), http.StatusMethodNotAllowed, "this can only be read").write(w)
			return
		}
		h := w.Header()
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		info, err := fs.Stat(client, name)
		switch {
		case name == "" || err != nil && path.Ext(name) == "" || err == nil && info.IsDir():
			name = "index.html"
			h.Set("Content-Security-Policy", policy)
			h.Set("Permissions-Policy", "microphone=(self), camera=(self), geolocation=()")
			h.Set("Cache-Control", "no-cache")
		case err != nil:
			refusal(r.Context(), http.StatusNotFound, "there is nothing at this address").write(w)
			return
		case strings.HasPrefix(name, "assets/"):
			h.Set("Cache-Control", "public, max-age=31536000, immutable") // the name carries a hash
		default:
			h.Set("Cache-Control", "no-cache")
		}
		if err := z.serve(w, r, name); err != nil {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte("<!doctype html><title>Heyy</title><p>This binary was built without the client. Run <code>make build</code>."))
		}
	})
}

// zipped serves files compressed, each compressed once, when first asked for.
type zipped struct {
	client fs.FS
	mu     sync.Mutex
	all    map[string]zip
}

type zip struct {
	plain, gzip []byte // gzip is nil where it saves nothing
	tag, kind   string
}

func (z *zipped) serve(w http.ResponseWriter, r *http.Request, name string) error {
	f, err := z.file(name)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	data, tag := f.plain, f.tag
	if f.gzip != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		data, tag = f.gzip, f.tag+"-gz"
	}
	tag = `"` + tag + `"`
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Length", fmt.Sprint(len(data)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(data) // the client is gone if this fails
	}
	return nil
}

func (z *zipped) file(name string) (zip, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if f, ok := z.all[name]; ok {
		return f, nil
	}
	plain, err := fs.ReadFile(z.client, name)
	if err != nil {
		return zip{}, err
	}
	f := zip{plain: plain, tag: fmt.Sprintf("%x", crc64.Checksum(plain, crc64.MakeTable(crc64.ECMA))), kind: kindOf(name)}
	var b bytes.Buffer
	g, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return zip{}, err
	}
	if _, err := g.Write(plain); err != nil {
		return zip{}, err
	}
	if err := g.Close(); err != nil {
		return zip{}, err
	}
	if b.Len() < len(plain)*9/10 {
		f.gzip = b.Bytes()
	}
	z.all[name] = f
	return f, nil
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
