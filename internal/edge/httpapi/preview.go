package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc64"
	"html"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

// Preview is what programs that show links are told of a page (the Open Graph protocol). It is
// the same for everybody: no session is read for it.
type Preview struct {
	Title       string
	Description string
	Image       string // path of a PNG
	Large       bool   // the image is 1200 by 630 pixels
}

// plainPreview is that of a page of which nothing may be told.
var plainPreview = Preview{Title: "Heyy", Description: "A voice-first place to meet people.", Image: "/icons/icon-512.png"}

// Previews lets f tell what the pages below prefix, such as "/rooms/", are; id is the rest of the
// path. Of a page with an error the preview tells nothing, and of no page if f is nil.
func (a *API) Previews(prefix string, f func(ctx context.Context, id string) (Preview, error)) {
	a.previews[prefix] = f
}

// preview is that of a page; ok is false for a page that has none.
func (a *API) preview(r *http.Request) (p Preview, ok bool) {
	for prefix, f := range a.previews {
		id, is := strings.CutPrefix(r.URL.Path, prefix)
		if !is || id == "" || strings.Contains(id, "/") {
			continue
		}
		ctx := context.WithValue(r.Context(), addressKey{}, ClientAddress(r))
		if f == nil || a.TakeFromAnybody(ctx, false) != nil {
			return plainPreview, true
		}
		if p, err := f(ctx, id); err == nil {
			return p, true
		}
		return plainPreview, true
	}
	return Preview{}, false
}

// head writes a preview as elements of a page's head.
func (p Preview) head(origin string) []byte {
	var b bytes.Buffer
	card := "summary"
	if p.Large {
		card = "summary_large_image"
	}
	for _, m := range []struct{ name, value string }{
		{"og:type", "website"}, {"og:site_name", "Heyy"}, {"og:title", p.Title}, {"og:description", p.Description}, {"og:image", origin + p.Image},
	} {
		fmt.Fprintf(&b, `<meta property="%s" content="%s">`, m.name, html.EscapeString(m.value))
	}
	if p.Large {
		b.WriteString(`<meta property="og:image:width" content="1200"><meta property="og:image:height" content="630">`)
	}
	fmt.Fprintf(&b, `<meta name="twitter:card" content="%s">`, card)
	return b.Bytes()
}

// servePreview serves the page of the client with a preview in its head.
func (a *API) servePreview(w http.ResponseWriter, r *http.Request, client fs.FS, p Preview) error {
	page, err := fs.ReadFile(client, index)
	if err != nil {
		return err
	}
	page = bytes.Replace(page, []byte("</head>"), append(p.head(a.origin(r)), "</head>"...), 1)
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, crc64.Checksum(page, crc64.MakeTable(crc64.ECMA))))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(page))
	return nil
}
