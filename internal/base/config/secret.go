package config

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Secret is a string that must not be shown, such as a URL with a password. Printed,
// encoded or logged in any way, it only shows whether it is set.
type Secret string

const hidden = "(hidden)"

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String returns "(hidden)", or "" for an empty secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString redacts %#v.
func (s Secret) GoString() string { return fmt.Sprintf("%q", s.String()) }

// Format redacts verbs that bypass String, such as %x.
func (s Secret) Format(f fmt.State, verb rune) {
	out := s.String()
	if verb == 'q' || verb == 'v' && f.Flag('#') {
		out = s.GoString()
	}
	_, _ = io.WriteString(f, out) // a printer has nowhere to report to
}

// MarshalText redacts text encodings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON redacts JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// LogValue redacts log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
