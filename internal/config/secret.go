package config

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Secret is a word that must not be seen, such as an address with a password.
// However it is printed, encoded or logged, it only says whether it is there.
type Secret string

const hidden = "(hidden)"

// Reveal is the secret itself, for the one who needs to use it.
func (s Secret) Reveal() string { return string(s) }

// String says whether there is a secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString is String; %#v would show the word otherwise.
func (s Secret) GoString() string { return fmt.Sprintf("%q", s.String()) }

// Format covers the verbs that pass String by, such as %x.
func (s Secret) Format(f fmt.State, verb rune) {
	out := s.String()
	if verb == 'q' || verb == 'v' && f.Flag('#') {
		out = s.GoString()
	}
	_, _ = io.WriteString(f, out) // a printer has nowhere to report to
}

// MarshalText keeps the word out of every text encoding.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON keeps the word out of JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// LogValue keeps the word out of logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
