// Package id makes identifiers: UUIDv7 for rows, so that they sort by birth,
// and short codes for people to read aloud. It imports nothing of the project.
package id

import (
	"crypto/rand"
	"encoding/base64"
	"math/big"

	"github.com/google/uuid"
)

// New is a fresh UUIDv7 in its canonical form of 36 characters.
func New() string { return uuid.Must(uuid.NewV7()).String() }

// Valid reports whether s is a UUID in its canonical lower-case form.
func Valid(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && u.String() == s
}

// Digits is n random decimal digits, each equally likely.
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

// Secret is 32 random bytes in base64url, 43 characters: a bearer of itself.
func Secret() string {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		panic("id: the system gives no randomness: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(b)
}
