package fanout_test

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/mail"
	"heyy/internal/base/outbox"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/fanout"
	"heyy/internal/lab/testkit"
	"heyy/internal/meet/call"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/follow"
	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
	"heyy/internal/people/photo"
	"heyy/internal/people/profile"
	"heyy/internal/people/safety"
	"heyy/internal/people/verification"
	"heyy/internal/rooms/room"
	"heyy/internal/talk/message"
	"heyy/internal/talk/moment"
	"heyy/internal/talk/notify"
	"heyy/internal/talk/presence"
)

// record is a Publisher that keeps what was published, and to whom.
type record struct {
	mu  sync.Mutex
	all []published
}

type published struct {
	to    string
	event any
}

func (r *record) Publish(channel string, event any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, published{channel, event})
	return nil
}

func (r *record) Send(channel string, event any, _ func(string) bool) error {
	return r.Publish(channel, event)
}

func (r *record) PublishTo(person string, event any) error { return r.Publish(person, event) }
func (*record) Subscribers(string) []string                { return nil }
func (*record) Unsubscribe(string, string) error           { return nil }
func (*record) Disconnect(string) error                    { return nil }

func (r *record) published() []published {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]published(nil), r.all...)
}

func TestFactsAboutADeletedAccountAreSkippedAndTheRestIsPublished(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
		var said bytes.Buffer
		log := slog.New(slog.NewTextHandler(&said, nil))
		profiles := profile.New(d, nil, time.Now)
		accounts, err := account.New(d, mail.NewQueue(mail.NewInbox(io.Discard), quiet), profiles, quiet, account.Config{
			Key: []byte(strings.Repeat("k", 32)), Origin: "http://localhost", Wake: func() {},
		})
		must(t, err)
		person := func(name string) account.ID {
			who, err := accounts.EnsureResident(ctx, account.ResidentPlan{Key: name, Name: name, BirthDate: "1990-01-01", Language: "en"})
			must(t, err)
			return who
		}
		gone, stays := person("gone"), person("stays")
		rooms := room.New(d, quiet, room.Config{SFU: testkit.NewSFU()})
		theirs, err := rooms.Open(ctx, gone, room.Plan{Title: "Theirs", Category: "talk", Language: "en"})
		must(t, err)
		other, err := rooms.Open(ctx, stays, room.Plan{Title: "Other", Category: "talk", Language: "en"})
		must(t, err)
		_, _, err = rooms.Join(ctx, gone, other.ID)
		must(t, err)
		at := time.Now()
		must(t, d.Tx(ctx, func(tx *sql.Tx) error {
			if err := outbox.Append(ctx, tx, at,
				room.Ended{Room: theirs.ID, Seq: 9, At: at}, room.Appeared{Room: theirs.ID, Seq: 9}, room.Sharing{Room: theirs.ID, Seq: 8, At: at, Shared: true},
				room.Hidden{Room: other.ID, Seq: 9, A: gone, B: stays}, safety.ExclusionChanged{A: gone, B: stays},
				account.SignedOut{Account: gone}, discovery.Matched{A: gone, B: stays, At: at, Seq: 1}, discovery.Ended{A: gone, B: stays, At: at, Seq: 2},
				follow.Changed{By: gone, Other: stays, Follows: true, Mutual: true, At: at}, follow.Changed{By: stays, Other: gone, At: at},
				discovery.SomebodyFits{Account: gone, At: at}, call.Changed{Call: "none", Recipients: []account.ID{gone, stays}},
				matchmaking.Alerted{Account: gone, At: at}, matchmaking.Changed{Account: gone, At: at},
				message.Changed{A: gone, B: stays, By: gone, N: 1, Seq: 1}, message.Read{By: gone, Other: stays, N: 1}, message.Heard{By: gone, Other: stays, N: 1}, moment.Changed{Author: gone},
				photo.RevealChanged{A: gone, B: stays, Seq: 1}, verification.Decided{Account: gone},
				account.NewDevice{Account: gone}, call.HappyHourBegan{Hour: "none"}, notify.Changed{Account: gone}, notify.LiveContinued{Room: theirs.ID, After: gone}, presence.SettingsChanged{Account: gone},
			); err != nil {
				return err
			}
			_, err := tx.Exec(`DELETE FROM accounts WHERE id = $1`, string(gone))
			return err
		}))
		last := verification.Decided{Account: stays}
		must(t, d.Tx(ctx, func(tx *sql.Tx) error { return outbox.Append(ctx, tx, at, last) }))

		out := &record{}
		// A service of its own: the cache of the other one still has the deleted person.
		tell := fanout.New(out, fanout.Domains{
			Rooms: rooms, Calls: call.New(d, quiet, call.Config{SFU: testkit.NewSFU(), Now: time.Now}), Messages: message.New(d, nil, nil, func() {}), Moments: moment.New(d, nil, nil, nil, func() {}),
			People: profile.New(d, nil, time.Now), Follows: follow.New(d, nil, func() {}),
		}, log)
		relay := outbox.NewRelay(d, log, outbox.Config{Node: "here", Listeners: []outbox.Listener{tell.Listener()}})
		running, stop := context.WithCancel(ctx)
		done := make(chan error, 2)
		go func() { done <- relay.Run(running) }()
		go func() { done <- tell.Run(running) }()
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			all := out.published()
			if len(all) > 0 && all[len(all)-1] == (published{string(stays), apitypes.MeChangedEvent{Type: "me_changed"}}) {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("the last fact was not told after %+v", all)
			}
		}
		time.Sleep(600 * time.Millisecond) // for the cards
		stop()
		must(t, <-done)
		must(t, <-done)
		for _, x := range out.published() {
			switch e := x.event.(type) {
			case apitypes.MatchedEvent:
				t.Errorf("%s was told of a match with nobody: %+v", x.to, e)
			case apitypes.MemberEvent:
				if e.Member.Person.Name == "" && e.Cause != "left" { // clients inside need the event that a member left
					t.Errorf("%s was told of a member without a name: %+v", x.to, e)
				}
			}
		}
		var dead int
		must(t, d.QueryRow(`SELECT COUNT(*) FROM outbox_dead_letters`).Scan(&dead))
		if dead != 0 || said.Len() > 0 {
			t.Errorf("%d dead letters, and the log says: %s", dead, said.String())
		}
	})
}
