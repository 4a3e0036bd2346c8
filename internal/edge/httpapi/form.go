package httpapi

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
)

// formBytes bounds the body of a form, which has one short field.
const formBytes = 4 << 10

// Form serves a POST beside the operations: it is sent by a program such as that of a mail
// provider, is no JSON, and carries neither session nor key. All that it may do is in its path,
// so it may come from any origin. path is one of http.ServeMux, outside /api/.
func (a *API) Form(path string, do func(ctx context.Context, value func(name string) string, form url.Values) error) {
	a.forms.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		body, err := read(w, r, formBytes, func(int64) error { return nil })
		if err != nil {
			w.Header().Set("Connection", "close") // otherwise the answer would wait for the rest
			refusal(r.Context(), http.StatusBadRequest, "the request broke off, or is too large").write(w)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		_ = r.ParseMultipartForm(formBytes) // reads both kinds of forms; what is none has no fields
		if err := do(r.Context(), r.PathValue, r.PostForm); err != nil {
			a.fail(w, r, err)
			return
		}
		answer(w, http.StatusOK, []byte(`{"ok":true}`))
	})
}
