package httpapi

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"

	"heyy/internal/db"
	"heyy/internal/fault"
	"heyy/internal/id"
)

var (
	errKeyMissing = &fault.Fault{Kind: fault.Invalid, Code: "command.key_missing", Detail: "Send an Idempotency-Key: a fresh UUID, the same for retries.", Field: "header.Idempotency-Key"}
	errKeyReused  = &fault.Fault{Kind: fault.Invalid, Code: "command.key_reused", Detail: "This Idempotency-Key was used for another request.", Field: "header.Idempotency-Key"}
)

// once gives every command of a signed-in person one effect and one reply. The
// first transaction of the command claims its key; the reply is kept before it
// is sent.
func (a *API) once(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		by := who(r.Context())
		// Signing in is nobody's command, even if a session is there already: its
		// reply carries a token, which must not be kept.
		if by == "" || !changes(r) || strings.HasPrefix(r.URL.Path, "/api/sign-in") {
			next.ServeHTTP(w, r)
			return
		}
		key := strings.ToLower(r.Header.Get("Idempotency-Key"))
		if !id.Valid(key) {
			a.fail(w, r, errKeyMissing)
			return
		}
		body, err := io.ReadAll(r.Body) // strictly has bounded it
		if err != nil {
			a.fail(w, r, err)
			return
		}
		c := &db.Command{Account: string(by), Key: key, Request: a.digest(r, body)}
		before, found, err := a.DB.ReplyTo(r.Context(), c.Account, c.Key)
		switch {
		case err != nil:
			a.fail(w, r, err)
			return
		case found && before.Request != c.Request:
			a.fail(w, r, errKeyReused)
			return
		case found && before.Status == 0:
			a.fail(w, r, db.ErrClaimed)
			return
		case found:
			answer(w, before.Status, []byte(before.Body))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		kept := &kept{header: w.Header(), status: http.StatusOK}
		next.ServeHTTP(kept, r.WithContext(db.WithCommand(r.Context(), c)))
		if c.Claimed() {
			if err := a.DB.KeepReply(r.Context(), c, kept.status, kept.body.String()); err != nil {
				a.log.Warn("reply not kept; a retry will be told that it took effect", "err", err)
			}
		}
		w.WriteHeader(kept.status)
		_, _ = w.Write(kept.body.Bytes()) // the client is gone if this fails
	})
}

// digest is keyed: from a plain hash one could find out by trying which town
// somebody chose.
func (a *API) digest(r *http.Request, body []byte) string {
	h := hmac.New(sha256.New, a.Key)
	_, _ = io.WriteString(h, r.Method+" "+r.URL.RequestURI()+"\n")
	_, _ = h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

func answer(w http.ResponseWriter, status int, body []byte) {
	if len(body) > 0 {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// kept holds a reply back until it is stored.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header         { return k.header }
func (k *kept) WriteHeader(status int)      { k.status = status }
func (k *kept) Write(b []byte) (int, error) { return k.body.Write(b) }
