// Package id generates identifiers (UUIDv7 and UUIDv4), one-time codes and secrets, all
// from crypto/rand, and identifiers derived from others (UUIDv8). It imports nothing of the project.
package id

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"strings"

	"github.com/google/uuid"
)

// New returns a UUIDv7, 36 characters. It sorts by creation time, and shows that time to
// everybody who sees it.
func New() string { return uuid.Must(uuid.NewV7()).String() }

// Opaque returns a UUIDv4: 122 random bits that reveal nothing. Use it for ids that
// strangers see and whose creation time is private: accounts, clips, photos. Do not order
// by it.
func Opaque() string { return uuid.Must(uuid.NewRandom()).String() }

// Derived returns the UUIDv8 that parts always have, and others do not. Use it for what a
// client names itself: with its owner as a part, nobody meets the name of another.
func Derived(parts ...string) string {
	return uuid.NewHash(sha256.New(), uuid.Nil, []byte(strings.Join(parts, "\x00")), 8).String()
}

// Valid reports whether s is a UUID in canonical lower-case form.
func Valid(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && u.String() == s
}

// Digits returns n random decimal digits, uniformly distributed.
func Digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		d, err := rand.Int(rand.Reader, big.NewInt(10))
		if err != nil {
			panic("id: the system gives no randomness: " + err.Error())
		}
		b[i] = '0' + byte(d.Int64())
	}
	return string(b)
}

// Secret returns a bearer token: 32 random bytes as 43 characters of base64url.
func Secret() string {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		panic("id: the system gives no randomness: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(b)
}
