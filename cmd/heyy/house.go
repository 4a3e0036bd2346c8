package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"heyy/internal/account"
	"heyy/internal/blob"
	"heyy/internal/config"
	"heyy/internal/db"
	"heyy/internal/discovery"
	"heyy/internal/mail"
	"heyy/internal/photo"
	"heyy/internal/profile"
	"heyy/internal/region"
	"heyy/internal/safety"
	"heyy/internal/shelf"
	"heyy/internal/verification"
)

// house is the part of Heyy that needs no port: rows, files, members. The
// server stands on it, and so do the operator's commands.
type house struct {
	db       *db.DB
	blobs    *blob.Store
	shelf    *shelf.Shelf
	accounts *account.Service
	safety   *safety.Service
	towns    *region.Towns
	regions  *region.Service
	profiles *profile.Service
	photos   *photo.Service
	people   *discovery.Service
	verify   *verification.Service
	letters  *mail.Queue
	inbox    *mail.Inbox   // nil with SMTP
	parting  []safety.Part // what else ends when two are kept apart
	secrets  secrets
}

// openHouse opens what c names and brings it up to date. wake is called after
// commits with facts.
func openHouse(ctx context.Context, c config.Config, terminal io.Writer, log *slog.Logger, wake func()) (_ *house, err error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	h := &house{}
	defer func() {
		if err != nil {
			_ = h.Close()
		}
	}()
	if h.secrets, err = readSecrets(c.Data); err != nil {
		return nil, err
	}
	if h.db, err = db.Open(ctx, c.Data, c.Database.Reveal()); err != nil {
		return nil, err
	}
	if err = h.db.Migrate(ctx); err != nil {
		return nil, err
	}
	if h.blobs, err = blob.Open(filepath.Join(c.Data, "blobs")); err != nil {
		return nil, err
	}
	var carrier mail.Carrier
	if c.SMTP != "" {
		if carrier, err = mail.NewSMTP(c.SMTP.Reveal(), c.Sender()); err != nil {
			return nil, err
		}
	} else {
		h.inbox = mail.NewInbox(terminal)
		carrier = h.inbox
	}
	h.letters = mail.NewQueue(carrier, log)
	h.shelf = shelf.New(h.db, h.blobs, time.Now)
	h.profiles = profile.New(h.db, h.shelf, time.Now)
	h.towns = &region.Towns{}
	h.regions = region.New(h.db, h.towns, time.Now)
	// These three need each other: a block ends a match, a match that ends
	// closes photos, and photos are for those who matched.
	h.safety = safety.New(h.db, func(ctx context.Context, tx *sql.Tx, a, b account.ID) error {
		for _, part := range h.parting {
			if err := part(ctx, tx, a, b); err != nil {
				return err
			}
		}
		return h.people.Part(ctx, tx, a, b)
	}, time.Now, wake)
	h.people = discovery.New(h.db, h.safety, log, discovery.Config{
		Forget: func(ctx context.Context, tx *sql.Tx, a, b account.ID) error { return h.photos.Forget(ctx, tx, a, b) },
		Now:    time.Now, Wake: wake,
	})
	h.photos = photo.New(h.db, h.shelf, h.people, time.Now, wake)
	h.verify = verification.New(h.db, h.shelf, h.profiles, time.Now, wake)
	h.accounts, err = account.New(h.db, h.letters, h.profiles, log, account.Config{
		Key: []byte(h.secrets.Accounts), Origin: c.URL(), Now: time.Now, Wake: wake,
	})
	return h, err
}

// Close gives everything back.
func (h *house) Close() error {
	var errs []error
	if h.blobs != nil {
		errs = append(errs, h.blobs.Close())
	}
	if h.db != nil {
		errs = append(errs, h.db.Close())
	}
	return errors.Join(errs...)
}

// logger writes what c asks for.
func logger(c config.Config, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.Log.Slog()}
	if c.Log.JSON {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
