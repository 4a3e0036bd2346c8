package notify_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"heyy/internal/base/id"
	"heyy/internal/talk/notify"
)

// gateway is a push service on this machine (RFC 8030): it takes requests, checks what the
// vendors' services check, and keeps what came, decrypted as a browser does.
type gateway struct {
	*httptest.Server
	t      *testing.T
	answer func(w http.ResponseWriter, r *http.Request) // nil: 201

	mu      sync.Mutex
	devices map[string]*device // by path
	got     []received
	asked   int // requests, whatever came of them
}

// device is a browser with a subscription.
type device struct {
	key  *ecdh.PrivateKey
	auth []byte
	notify.Subscription
}

// received is a push as it arrived.
type received struct {
	notify.Payload
	to      string
	headers http.Header
}

func newGateway(t *testing.T) *gateway {
	g := &gateway{t: t, devices: map[string]*device{}}
	g.Server = httptest.NewUnstartedServer(g)
	g.EnableHTTP2 = true
	g.Config.ErrorLog = log.New(io.Discard, "", 0)
	g.StartTLS()
	t.Cleanup(g.Close)
	return g
}

// subscribe is what PushManager.subscribe does.
func (g *gateway) subscribe() *device {
	g.t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		g.t.Fatal(err)
	}
	d := &device{key: key, auth: make([]byte, 16)}
	_, _ = rand.Read(d.auth)
	path := "/push/" + id.Secret()
	d.Subscription = notify.Subscription{
		Endpoint: g.URL + path, P256dh: base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), Auth: base64.RawURLEncoding.EncodeToString(d.auth),
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.devices[path] = d
	return d
}

// forget answers 410 for a device from now on.
func (g *gateway) forget(d *device) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.devices, strings.TrimPrefix(d.Endpoint, g.URL))
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	g.asked++
	g.mu.Unlock()
	if g.answer != nil {
		g.answer(w, r)
		return
	}
	g.take(w, r)
}

// take takes a push.
func (g *gateway) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	g.mu.Lock()
	d := g.devices[r.URL.Path]
	g.mu.Unlock()
	if d == nil {
		w.WriteHeader(http.StatusGone)
		return
	}
	plain, err := d.decrypt(body)
	if err == nil {
		err = checkVAPID(r, g.URL)
	}
	p := received{to: d.Endpoint, headers: r.Header}
	if err == nil {
		err = json.Unmarshal(plain, &p.Payload)
	}
	if err != nil {
		g.t.Errorf("a push that no browser takes: %v", err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	g.got = append(g.got, p)
	g.mu.Unlock()
	w.Header().Set("Location", g.URL+"/message/"+id.New())
	w.WriteHeader(http.StatusCreated)
}

// pushes returns what came, in its order.
func (g *gateway) pushes() []received {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]received(nil), g.got...)
}

func (g *gateway) requests() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

// decrypt is RFC 8291 with the one record of RFC 8188.
func (d *device) decrypt(body []byte) ([]byte, error) {
	if len(body) < 21+65 || body[20] != 65 {
		return nil, errors.New("no header of aes128gcm")
	}
	salt, size, from, sealed := body[:16], binary.BigEndian.Uint32(body[16:20]), body[21:21+65], body[21+65:]
	if int(size) < len(sealed) {
		return nil, errors.New("more than one record")
	}
	sender, err := ecdh.P256().NewPublicKey(from)
	if err != nil {
		return nil, err
	}
	secret, err := d.key.ECDH(sender)
	if err != nil {
		return nil, err
	}
	ikm, err := hkdf.Key(sha256.New, secret, d.auth, "WebPush: info\x00"+string(d.key.PublicKey().Bytes())+string(from), 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := box.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, err
	}
	plain = bytes.TrimRight(plain, "\x00")
	if len(plain) == 0 || plain[len(plain)-1] != 2 {
		return nil, errors.New("the padding is wrong")
	}
	return plain[:len(plain)-1], nil
}

// checkVAPID is RFC 8292: the token is signed by the key, for this gateway, by somebody who
// can be reached.
func checkVAPID(r *http.Request, origin string) error {
	rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), "vapid t=")
	token, k, ok2 := strings.Cut(rest, ", k=")
	parts := strings.Split(token, ".")
	if !ok || !ok2 || len(parts) != 3 {
		return errors.New("no VAPID header")
	}
	point, err := base64.RawURLEncoding.DecodeString(k)
	if err != nil {
		return err
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return err
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(signature) != 64 {
		return errors.New("no signature of ES256")
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(public, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return errors.New("signed by another key")
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return err
	}
	var claims struct {
		Aud string `json:"aud"`
		Sub string `json:"sub"`
		Exp int64  `json:"exp"`
	}
	if err := json.Unmarshal(raw, &claims); err != nil {
		return err
	}
	if claims.Aud != origin || claims.Sub != "mailto:operator@example.org" || claims.Exp == 0 {
		return errors.New("claims " + string(raw))
	}
	return nil
}
