package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"heyy/internal/base/id"
)

// secrets are the installation's secrets, created at the first start.
type secrets struct {
	Accounts string `json:"accounts"` // keys the hashes of sign-in codes, and what key makes
	Media    string `json:"media"`    // signs audio tokens
}

// readSecrets reads the secrets in the data folder, or creates them.
func readSecrets(data string) (s secrets, err error) {
	name := filepath.Join(data, "secrets.json")
	text, err := os.ReadFile(name)
	if err == nil {
		if err := json.Unmarshal(text, &s); err != nil || len(s.Accounts) < 32 || len(s.Media) < 32 {
			return s, fmt.Errorf("%s can't be read; restore it from a backup, or delete it (sign-in codes already sent and running audio will stop working)", name)
		}
		return s, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	s = secrets{Accounts: id.Secret(), Media: id.Secret()}
	if text, err = json.MarshalIndent(s, "", "  "); err != nil {
		return s, err
	}
	// Link a complete file into place: two concurrent first starts end with the same
	// secrets, and a crash leaves no partial file.
	temp, err := os.CreateTemp(data, "secrets-*")
	if err != nil {
		return s, err
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	if _, err := temp.Write(text); err != nil {
		return s, err
	}
	if err := errors.Join(temp.Sync(), temp.Close()); err != nil {
		return s, err
	}
	if err := os.Link(temp.Name(), name); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return readSecrets(data)
		}
		return s, err
	}
	return s, nil
}

// key derives the secret for one purpose.
func (s secrets) key(purpose string) []byte {
	h := hmac.New(sha256.New, []byte(s.Accounts))
	_, _ = h.Write([]byte(purpose)) // a hash never fails
	return h.Sum(nil)
}
