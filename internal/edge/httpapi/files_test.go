package httpapi_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"heyy/internal/edge/httpapi"
)

func clientSite(client fstest.MapFS) http.Handler {
	api := httpapi.New(httpapi.Config{Log: slog.New(slog.DiscardHandler), Origins: []string{"http://example.com"}})
	none := http.NotFoundHandler()
	return httpapi.Site{API: api, Realtime: none, Gate: none, Client: client}.Handler()
}

func TestTheClientIsServedAsItWasBuilt(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	site := clientSite(fstest.MapFS{
		"index.html": file("page"), "index.html.br": file("br page"),
		"sw.js":         file("worker"),
		"assets/a-1.js": file("script"), "assets/a-1.js.br": file("br script"), "assets/a-1.js.gz": file("gz script"),
	})
	ask := func(method, path, accepts string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set("Accept-Encoding", accepts)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		return w
	}
	const all = "gzip, deflate, br"
	for _, c := range []struct{ path, accepts, body, encoding, kind, cache string }{
		{"/", all, "br page", "br", "text/html; charset=utf-8", "no-cache"},
		{"/index.html", all, "br page", "br", "text/html; charset=utf-8", "no-cache"},
		{"/discover/somebody", "", "page", "", "text/html; charset=utf-8", "no-cache"},
		{"/assets", "gzip", "page", "", "text/html; charset=utf-8", "no-cache"},
		{"/sw.js", all, "worker", "", "text/javascript; charset=utf-8", "no-cache"},
		{"/assets/a-1.js", all, "br script", "br", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/assets/a-1.js", "vibrant, br;q=0, GZIP; q=0.5", "gz script", "gzip", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/assets/a-1.js", "gzip", "gz script", "gzip", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
	} {
		w := ask("GET", c.path, c.accepts)
		h := w.Header()
		if w.Code != http.StatusOK || w.Body.String() != c.body || h.Get("Content-Encoding") != c.encoding ||
			h.Get("Content-Type") != c.kind || h.Get("Cache-Control") != c.cache || h.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s accepting %q: %d %q %v", c.path, c.accepts, w.Code, w.Body, h)
		}
		if page := strings.HasSuffix(c.body, "page"); page != (h.Get("Content-Security-Policy") != "") {
			t.Errorf("%s: policy %q", c.path, h.Get("Content-Security-Policy"))
		}
		if again := ask("GET", c.path, c.accepts, "If-None-Match", h.Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s once more: %d %q", c.path, again.Code, again.Body)
		}
		if other := ask("GET", c.path, c.accepts, "If-None-Match", `"other"`); other.Code != http.StatusOK {
			t.Errorf("%s with another tag: %d", c.path, other.Code)
		}
		if head := ask("HEAD", c.path, c.accepts); head.Code != http.StatusOK || head.Body.Len() > 0 {
			t.Errorf("HEAD %s: %d %q", c.path, head.Code, head.Body)
		}
	}
	for path, status := range map[string]int{"/assets/gone.js": 404, "/favicon.ico": 404} {
		if w := ask("GET", path, all); w.Code != status || !strings.Contains(w.Header().Get("Content-Type"), "problem+json") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
	if w := ask("POST", "/discover", all); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestABinaryWithoutTheClientSaysSo(t *testing.T) {
	w := httptest.NewRecorder()
	clientSite(fstest.MapFS{".keep": {}}).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "make build") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
