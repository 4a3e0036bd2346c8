package account_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

var b64 = base64.RawURLEncoding

// authenticator is the device side of WebAuthn in software: one resident ES256
// key with a signature counter, and the browser that asks it.
// Source: https://www.w3.org/TR/webauthn-3/#sctn-authenticator-data
type authenticator struct {
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
	count  uint32 // 0: keeps none, as synchronised passkeys do
	lacks  byte   // flags that it does not set
	origin string
	rp     string
}

const (
	userPresent, userVerified      = 0x01, 0x04
	backupEligible, backedUp       = 0x08, 0x10
	attestedData              byte = 0x40
)

func newAuthenticator(t testing.TB) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id)
	return &authenticator{key: key, id: id, origin: "http://localhost:8080", rp: "localhost"}
}

func (a *authenticator) data(flags byte, more []byte) []byte {
	rp := sha256.Sum256([]byte(a.rp))
	d := append(rp[:], (flags|userPresent|userVerified|backupEligible|backedUp)&^a.lacks)
	d = binary.BigEndian.AppendUint32(d, a.count)
	return append(d, more...)
}

func (a *authenticator) client(t testing.TB, kind, challenge string) []byte {
	return encode(t, map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
}

// create answers PublicKeyCredentialCreationOptionsJSON.
func (a *authenticator) create(t testing.TB, options json.RawMessage) json.RawMessage {
	t.Helper()
	var o struct {
		Challenge string
		User      struct{ ID string }
	}
	decode(t, options, &o)
	var err error
	if a.handle, err = b64.DecodeString(o.User.ID); err != nil {
		t.Fatal(err)
	}
	pub, err := a.key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: pub[1:33], -3: pub[33:]})
	if err != nil {
		t.Fatal(err)
	}
	attested := make([]byte, 16) // no model named
	attested = binary.BigEndian.AppendUint16(attested, uint16(len(a.id)))
	attested = append(append(attested, a.id...), cose...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": a.data(attestedData, attested)})
	if err != nil {
		t.Fatal(err)
	}
	return a.answer(t, map[string]any{
		"clientDataJSON":    b64.EncodeToString(a.client(t, "webauthn.create", o.Challenge)),
		"attestationObject": b64.EncodeToString(object),
		"transports":        []string{"internal"},
	})
}

// get answers PublicKeyCredentialRequestOptionsJSON.
func (a *authenticator) get(t testing.TB, options json.RawMessage) json.RawMessage {
	t.Helper()
	if a.count > 0 {
		a.count++
	}
	var o struct{ Challenge string }
	decode(t, options, &o)
	data, client := a.data(0, nil), a.client(t, "webauthn.get", o.Challenge)
	h := sha256.Sum256(client)
	signed := sha256.Sum256(append(append([]byte{}, data...), h[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, signed[:])
	if err != nil {
		t.Fatal(err)
	}
	return a.answer(t, map[string]any{
		"clientDataJSON":    b64.EncodeToString(client),
		"authenticatorData": b64.EncodeToString(data),
		"signature":         b64.EncodeToString(signature),
		"userHandle":        b64.EncodeToString(a.handle),
	})
}

func (a *authenticator) answer(t testing.TB, response map[string]any) json.RawMessage {
	return encode(t, map[string]any{
		"id": b64.EncodeToString(a.id), "rawId": b64.EncodeToString(a.id), "type": "public-key",
		"authenticatorAttachment": "platform", "clientExtensionResults": map[string]any{"credProps": map[string]any{"rk": true}},
		"response": response,
	})
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decode(t testing.TB, b []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}
