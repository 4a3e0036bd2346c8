package httpapi

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/people/account"
)

var (
	errKeyMissing = &fault.Fault{Kind: fault.Invalid, Code: "command.key_missing", Detail: "Send an Idempotency-Key: a fresh UUID, the same for retries.", Field: "header.Idempotency-Key"}
	errKeyReused  = &fault.Fault{Kind: fault.Invalid, Code: "command.key_reused", Detail: "This Idempotency-Key was used for another request. Send a fresh one.", Field: "header.Idempotency-Key"}
)

// once gives every command of a signed-in person one effect and one reply. The
// first transaction of the command claims its key; the reply is kept before it
// is sent. A retry that comes while the first try is still running waits for it.
func (a *API) once(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		by := Actor(r.Context())
		// Signing in is nobody's command, even if a session is there already: its
		// reply carries a token, which must not be kept.
		if by == "" || !changes(r) || strings.HasPrefix(r.URL.Path, signInPath) {
			next.ServeHTTP(w, r)
			return
		}
		key := strings.ToLower(r.Header.Get("Idempotency-Key"))
		if !id.Valid(key) {
			a.fail(w, r, errKeyMissing)
			return
		}
		c := &db.Command{Account: string(by), Key: a.keyed("key", by, key), Request: a.digest(r, sent(r.Context()))}
		done, err := a.turns.take(r.Context(), c.Key)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		defer done()
		before, found, err := a.conf.DB.ReplyTo(r.Context(), c.Account, c.Key, key) // older rows stand under the key itself
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
			body, err := a.unsealed(by, key, before.Body)
			if err != nil {
				a.fail(w, r, err)
				return
			}
			answer(w, before.Status, body)
			return
		}
		if _, pattern := a.repeatable.Handler(r); pattern != "" {
			next.ServeHTTP(w, r)
			return
		}
		kept := &kept{header: w.Header(), status: http.StatusOK}
		next.ServeHTTP(kept, r.WithContext(db.WithCommand(r.Context(), c)))
		if c.Claimed() && a.Budgets.takeReply(by, kept.body.Len()) {
			if err := a.keep(r.Context(), c, by, key, kept); err != nil {
				a.conf.Log.Warn("reply not kept; a retry will be told that it took effect", "err", err)
			}
		}
		w.WriteHeader(kept.status)
		_, _ = w.Write(kept.body.Bytes()) // the client is gone if this fails
	})
}

func (a *API) keep(ctx context.Context, c *db.Command, by account.ID, key string, k *kept) error {
	text, err := a.sealed(by, key, k.body.Bytes())
	if err != nil {
		return err
	}
	return a.conf.DB.KeepReply(ctx, c, k.status, text)
}

// Replies say what only the asking person may know: their town, address and
// birth date, tokens for audio. They are kept for retries alone, so they are
// sealed with the key of the command, which is kept nowhere: only a retry, which
// brings it along, can open them.

func (a *API) sealed(by account.ID, key string, body []byte) (string, error) {
	if len(body) == 0 {
		return "", nil
	}
	box, err := a.box(by, key)
	if err != nil {
		return "", err
	}
	return base64.RawStdEncoding.EncodeToString(box.Seal(nil, nil, body, nil)), nil
}

func (a *API) unsealed(by account.ID, key, text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	data, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	box, err := a.box(by, key)
	if err != nil {
		return nil, err
	}
	return box.Open(nil, nil, data, nil)
}

func (a *API) box(by account.ID, key string) (cipher.AEAD, error) {
	secret := a.mac("reply", string(by), key)
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// keyed is what stands for key where key itself must not stand.
func (a *API) keyed(use string, by account.ID, key string) string {
	return hex.EncodeToString(a.mac(use, string(by), key))
}

func (a *API) mac(parts ...string) []byte {
	h := hmac.New(sha256.New, a.conf.Key)
	for _, p := range parts {
		_, _ = io.WriteString(h, p+"\x00")
	}
	return h.Sum(nil)
}

// digest is keyed: from a plain hash one could find out by trying which town
// somebody chose.
func (a *API) digest(r *http.Request, body []byte) string {
	h := hmac.New(sha256.New, a.conf.Key)
	_, _ = io.WriteString(h, r.Method+" "+r.URL.RequestURI()+"\n")
	_, _ = h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// turns lets the tries of one command come one after the other.
type turns struct {
	mu  sync.Mutex
	now map[string]chan struct{} // closed at the end of who has the turn
}

// turnTime is how long a retry waits for the try before it.
const turnTime = 20 * time.Second

func (t *turns) take(ctx context.Context, key string) (done func(), err error) {
	late := time.NewTimer(turnTime)
	defer late.Stop()
	for {
		t.mu.Lock()
		before, taken := t.now[key]
		if !taken {
			if t.now == nil {
				t.now = map[string]chan struct{}{}
			}
			mine := make(chan struct{})
			t.now[key] = mine
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				delete(t.now, key)
				t.mu.Unlock()
				close(mine)
			}, nil
		}
		t.mu.Unlock()
		select {
		case <-before:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-late.C:
			return nil, ErrBusy
		}
	}
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
