package httpapi

import (
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// policy lets the client load and run only what comes from us. WebSockets of
// the same origin are 'self'; styles are set on elements by the client.
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"media-src 'self' blob: mediastream:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// files serves the client. Whatever is no file is a page of the client.
func files(client fs.FS) http.Handler {
	server := http.FileServerFS(client)
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
			page(w, r, client)
			return
		case err != nil:
			refusal(r.Context(), http.StatusNotFound, "there is nothing at this address").write(w)
			return
		case strings.HasPrefix(name, "assets/"):
			h.Set("Cache-Control", "public, max-age=31536000, immutable") // the name carries a hash
		default:
			h.Set("Cache-Control", "no-cache")
		}
		server.ServeHTTP(w, r)
	})
}

func page(w http.ResponseWriter, r *http.Request, client fs.FS) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Permissions-Policy", "microphone=(self), camera=(self), geolocation=()")
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Type", "text/html; charset=utf-8")
	index, err := fs.ReadFile(client, "index.html")
	if err != nil {
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("<!doctype html><title>Heyy</title><p>This binary was built without the client. Run <code>make build</code>."))
		return
	}
	_, _ = w.Write(index)
}
