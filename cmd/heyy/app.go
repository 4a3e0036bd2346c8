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

	"heyy/internal/base/blob"
	"heyy/internal/base/blobref"
	"heyy/internal/base/config"
	"heyy/internal/base/db"
	"heyy/internal/base/mail"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/follow"
	"heyy/internal/people/account"
	"heyy/internal/people/photo"
	"heyy/internal/people/profile"
	"heyy/internal/people/region"
	"heyy/internal/people/safety"
	"heyy/internal/people/verification"
	"heyy/internal/rooms/club"
	"heyy/internal/rooms/room"
	"heyy/internal/talk/card"
	"heyy/internal/talk/message"
	"heyy/internal/talk/moment"
	"heyy/internal/talk/search"
)

// app is the part of Heyy that needs no port: database, files and the domains of members.
// The server and the operator's commands share it.
type app struct {
	db         *db.DB
	blobs      *blob.Store
	blobRefs   *blobref.Store
	accounts   *account.Service
	safety     *safety.Service
	towns      *region.Towns
	regions    *region.Service
	profiles   *profile.Service
	photos     *photo.Service
	people     *discovery.Service
	verify     *verification.Service
	follows    *follow.Service
	messages   *message.Service
	moments    *moment.Service
	cards      *card.Service
	search     *search.Service
	clubs      *club.Service
	mailQueue  *mail.Queue // of sign-in codes
	mailServer mail.Transport
	mailBudget *mail.Budget      // of both kinds of mails
	inbox      *mail.Inbox       // nil with SMTP
	separators []safety.Separate // apply a new exclusion in the domains of later layers
	secrets    secrets
}

// openApp opens the database and files of configuration c and migrates them. wake is called
// after commits that appended facts.
func openApp(ctx context.Context, c config.Config, terminal io.Writer, log *slog.Logger, wake func()) (_ *app, err error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	a := &app{}
	defer func() {
		if err != nil {
			_ = a.Close()
		}
	}()
	if a.secrets, err = readSecrets(c.Data); err != nil {
		return nil, err
	}
	if c.Database == "" {
		if err = db.Private(c.Data); err != nil {
			return nil, fmt.Errorf("data: %w", err)
		}
	}
	if a.db, err = db.Open(ctx, c.Data, c.Database.Reveal()); err != nil {
		return nil, err
	}
	if err = a.db.Migrate(ctx); err != nil {
		return nil, err
	}
	if a.blobs, err = blob.Open(filepath.Join(c.Data, "blobs")); err != nil {
		return nil, err
	}
	if c.SMTP != "" {
		if a.mailServer, err = mail.NewSMTP(c.SMTP.Reveal(), c.Sender()); err != nil {
			return nil, err
		}
	} else {
		a.inbox = mail.NewInbox(terminal)
		a.mailServer = a.inbox
	}
	a.mailQueue, a.mailBudget = mail.NewQueue(a.mailServer, log), mail.NewBudget(c.MailHourly)
	a.blobRefs = blobref.New(a.db, a.blobs, time.Now)
	a.profiles = profile.New(a.db, a.blobRefs, time.Now)
	a.towns = &region.Towns{}
	a.regions = region.New(a.db, a.towns, time.Now)
	// These three depend on each other: a block ends a match, the end of a match closes
	// photos, and photos are for people with a match.
	a.safety = safety.New(a.db, func(ctx context.Context, tx *sql.Tx, one, other account.ID) error {
		for _, separate := range a.separators {
			if err := separate(ctx, tx, one, other); err != nil {
				return err
			}
		}
		if err := a.people.Separate(ctx, tx, one, other); err != nil {
			return err
		}
		if err := a.follows.Separate(ctx, tx, one, other); err != nil {
			return err
		}
		return errors.Join(a.messages.Separate(ctx, tx, one, other), a.cards.Separate(ctx, tx, one, other))
	}, time.Now, wake)
	a.follows = follow.New(a.db, time.Now, wake)
	a.cards = card.New(a.db, card.Config{Together: room.Together, AreFriends: a.follows.AreFriends, Now: time.Now, Wake: wake})
	a.messages = message.New(a.db, a.blobRefs, time.Now, wake)
	a.search = search.New(a.db)
	a.clubs = club.New(a.db, club.Config{Search: search.Names{}, Now: time.Now, Wake: wake})
	a.people = discovery.New(a.db, a.safety, log, discovery.Config{
		OnMatch: a.messages.Open,
		OnMatchEnd: func(ctx context.Context, tx *sql.Tx, one, other account.ID) error {
			return errors.Join(a.photos.CloseReveal(ctx, tx, one, other), a.follows.Separate(ctx, tx, one, other), a.messages.CloseMatch(ctx, tx, one, other), a.cards.Separate(ctx, tx, one, other))
		},
		Now: time.Now, Wake: wake, Key: a.secrets.key("discovery"),
	})
	a.moments = moment.New(a.db, a.blobRefs, a.people, time.Now, wake)
	a.photos = photo.New(a.db, a.blobRefs, a.people, time.Now, wake)
	a.verify = verification.New(a.db, a.blobRefs, a.profiles, time.Now, wake)
	a.accounts, err = account.New(a.db, a.mailQueue, a.profiles, log, account.Config{
		Key: []byte(a.secrets.Accounts), Origin: c.URL(), Now: time.Now, Wake: wake, LocalOnly: c.LocalOnly(),
		MailBudget: a.mailBudget,
	})
	return a, err
}

// Close closes the files and the database.
func (a *app) Close() error {
	var errs []error
	if a.blobs != nil {
		errs = append(errs, a.blobs.Close())
	}
	if a.db != nil {
		errs = append(errs, a.db.Close())
	}
	return errors.Join(errs...)
}

// logger returns a logger of the configured level and format.
func logger(c config.Config, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.Log.Slog()}
	if c.Log.JSON {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
