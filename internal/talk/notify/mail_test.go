package notify_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/base/language"
	"heyy/internal/base/mail"
	"heyy/internal/lab/testkit"
	"heyy/internal/meet/call"
	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
	"heyy/internal/people/verification"
	"heyy/internal/talk/message"
	"heyy/internal/talk/notify"
	"heyy/internal/talk/presence"
)

// office is a world with a mail server on this machine.
type office struct {
	*world
	server *testkit.MailServer
	read   int
}

func mailed(t *testing.T, f func(t *testing.T, w *office), change ...func(*notify.Config)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, newOffice(t, d, change...)) })
}

func newOffice(t *testing.T, d *db.DB, change ...func(*notify.Config)) *office {
	t.Helper()
	o := &office{server: testkit.NewMailServer(t)}
	t.Cleanup(o.server.Stop)
	o.world = newWorld(t, d, append([]func(*notify.Config){o.mails}, change...)...)
	return o
}

// mails lets a service send through the server.
func (o *office) mails(c *notify.Config) {
	smtp, err := mail.NewSMTP("smtp://"+o.server.Addr, "Heyy <heyy@example.org>")
	if err != nil {
		panic(err)
	}
	c.Mail, c.Budget, c.URL = smtp, mail.NewBudget(100_000), "https://heyy.example"
}

// reader is a member with an email.
func (o *office) reader(name string) account.ID {
	o.t.Helper()
	who := o.person(name)
	o.exec(`UPDATE accounts SET email = $1 WHERE id = $2`, address(who), string(who))
	return who
}

func address(who account.ID) string { return string(who) + "@example.org" }

func (o *office) exec(query string, args ...any) {
	o.t.Helper()
	must(o.t, o.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}))
}

// post sends what is due, and returns what came since the last time.
func (o *office) post() []testkit.Letter {
	o.t.Helper()
	must(o.t, o.SendMails(ctx))
	all := o.server.Letters()[o.read:]
	o.read += len(all)
	return all
}

func (o *office) letter() testkit.Letter {
	o.t.Helper()
	all := o.post()
	if len(all) != 1 {
		o.t.Fatalf("want one mail, got %+v", all)
	}
	return all[0]
}

func (o *office) noLetter(why string) {
	o.t.Helper()
	if all := o.post(); len(all) > 0 {
		o.t.Fatalf("%s: %+v", why, all)
	}
}

// prose returns the text of a mail without addresses of pages, in which chance may write any word.
func prose(l testkit.Letter) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(l.Text), func(word string) bool { return strings.Contains(word, "://") }), " ")
}

func (o *office) says(l testkit.Letter, lines ...string) {
	o.t.Helper()
	_, text, _ := strings.Cut(l.Text, "While you were away:\n\n")
	text, _, _ = strings.Cut(text, "\n\n")
	if want := "- " + strings.Join(lines, "\n- "); text != want {
		o.t.Errorf("it says\n%s\nnot\n%s", text, want)
	}
}

func TestWhatWaitsIsMailedAfterThreeHoursToWhoTakesNoPushes(t *testing.T) {
	mailed(t, func(t *testing.T, w *office) {
		ann, bob := w.reader("Ann"), w.person("Bob")
		w.chat(ann, bob)
		c := w.ring(bob)
		c.State, c.EndReason = call.Ended, call.Unanswered
		w.hear(w.matched(ann, bob), w.writes(bob, ann), w.writes(bob, ann), discovery.SomebodyFits{Account: ann, At: w.Now()},
			verification.Decided{Account: ann, Approved: true}, w.sees(ann, c))
		w.Advance(3*time.Hour - time.Second)
		w.noLetter("she may see it herself")
		w.Advance(time.Second)
		l := w.letter()
		w.says(l, "1 missed call", "1 new match", "1 person wrote to you", "Someone new for you in Discover", "An answer about your verification")
		if l.To != address(ann) || l.Subject != "There’s something waiting for you on Heyy" || strings.Contains(prose(l), "Bob") || strings.Contains(prose(l), "concert") {
			t.Errorf("the mail is %+v", l)
		}
		w.Advance(48 * time.Hour)
		w.noLetter("it was sent")
	})
}

func TestADigestNamesPeopleOnlyForWhoAllowedIt(t *testing.T) {
	mailed(t, func(t *testing.T, w *office) {
		ann, bob, cleo := w.reader("Ann"), w.person("Bob"), w.person("Cleo")
		w.set(ann, func(s *notify.Settings) { s.PrivateContent = true })
		w.chat(ann, bob)
		w.hear(w.matched(ann, cleo), w.writes(bob, ann))
		w.Advance(3 * time.Hour)
		l := w.letter()
		w.says(l, "1 new match: Cleo", "1 person wrote to you: Bob")
		if strings.Contains(prose(l), "concert") || strings.Contains(l.Subject, "Bob") {
			t.Errorf("it quotes: %+v", l)
		}
	})
}

func TestADigestIsInTheLanguageOfItsReader(t *testing.T) {
	mailed(t, func(t *testing.T, w *office) {
		for _, tag := range []string{"it", "zh"} {
			ann := w.reader("Ann")
			p := w.names[ann]
			p.Language = tag
			w.names[ann] = p
			w.hear(w.matched(ann, w.person("Bob")))
			w.Advance(3 * time.Hour)
			if l := w.letter(); l.Subject != language.In(tag).Digest.Subject || strings.Contains(prose(l), "match") == (tag == "zh") {
				t.Errorf("%s: %+v", tag, l)
			}
		}
	})
}

func TestEveryKindThatIsMailedHasALineInEveryLanguage(t *testing.T) {
	for _, kind := range notify.MailedKinds() {
		for _, tag := range language.All {
			if language.In(tag).Digest.Waiting[kind].Many == "" {
				t.Errorf("%s has no line in %s", kind, tag)
			}
		}
	}
	if got, want := len(language.In("en").Digest.Waiting), len(notify.MailedKinds()); got != want {
		t.Errorf("%d lines for %d kinds", got, want)
	}
}

// Each of these people gets no digest, though something waits.
func TestWhoGetsNoDigest(t *testing.T) {
	seen := func(w *office, who account.ID) { must(w.t, w.MarkSeen(ctx, who, w.list(who)[0].ID)) }
	for name, x := range map[string]struct {
		before, after func(w *office, who account.ID)
	}{
		"who takes pushes":        {before: func(w *office, who account.ID) { w.device(who) }},
		"who takes pushes by now": {after: func(w *office, who account.ID) { w.device(who) }},
		"who has no email":        {before: func(w *office, who account.ID) { w.exec(`UPDATE accounts SET email = NULL WHERE id = $1`, string(who)) }},
		"a resident": {before: func(w *office, who account.ID) {
			w.exec(`UPDATE accounts SET kind = 'resident' WHERE id = $1`, string(who))
		}},
		"who is refused": {after: func(w *office, who account.ID) {
			w.exec(`UPDATE accounts SET refused_at = 1 WHERE id = $1`, string(who))
		}},
		"who is gone":                     {after: func(w *office, who account.ID) { w.exec(`DELETE FROM accounts WHERE id = $1`, string(who)) }},
		"who has switched it off":         {before: func(w *office, who account.ID) { w.set(who, func(s *notify.Settings) { s.Email = false }) }},
		"who has switched it off since":   {after: func(w *office, who account.ID) { w.set(who, func(s *notify.Settings) { s.Email = false }) }},
		"who has switched off the kind":   {before: func(w *office, who account.ID) { w.set(who, func(s *notify.Settings) { s.Push[notify.Match] = false }) }},
		"who has switched it off by then": {after: func(w *office, who account.ID) { w.set(who, func(s *notify.Settings) { s.Push[notify.Match] = false }) }},
		"who has seen it in the centre":   {after: seen},
		"who was in the app since": {after: func(w *office, who account.ID) {
			w.exec(`UPDATE accounts SET seen_at = $1 WHERE id = $2`, db.Millis(w.Now()), string(who))
		}},
		"who is told of somebody blocked": {after: func(w *office, who account.ID) { w.block(who, w.list(who)[0].About) }},
		"who was blocked by the other":    {after: func(w *office, who account.ID) { w.block(w.list(who)[0].About, who) }},
		"whose match is gone": {after: func(w *office, who account.ID) {
			w.exec(`DELETE FROM accounts WHERE id = $1`, string(w.list(who)[0].About))
		}},
		"whose match is over": {after: func(w *office, who account.ID) {
			m := w.matched(who, w.list(who)[0].About)
			w.hear(discovery.Ended{A: m.A, B: m.B, At: w.Now(), Seq: 2})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			mailed(t, func(t *testing.T, w *office) {
				ann, bob := w.reader("Ann"), w.person("Bob")
				if x.before != nil {
					x.before(w, ann)
				}
				w.hear(w.matched(ann, bob))
				w.Advance(time.Hour)
				if x.after != nil {
					x.after(w, ann)
				}
				for range 30 {
					w.Advance(3 * time.Hour)
					w.noLetter(name)
				}
				if n := w.count(`SELECT COUNT(*) FROM mail_queue WHERE due_at IS NOT NULL`); n != 0 {
					t.Errorf("%d rows wait for ever", n)
				}
			})
		})
	}
}

func TestMessagesThatAreReadOrRequestsAreNotMailed(t *testing.T) {
	mailed(t, func(t *testing.T, w *office) {
		ann, bob, cleo := w.reader("Ann"), w.person("Bob"), w.person("Cleo")
		w.chat(ann, bob)
		f := w.writes(bob, ann)
		w.hear(f)
		must(t, w.chats.MarkRead(ctx, ann, bob, f.N))
		w.Advance(3 * time.Hour)
		w.noLetter("she has read it")

		must(t, w.chats.SetSettings(ctx, ann, message.Settings{Requests: true}))
		w.hear(w.asks(cleo, ann))
		w.Advance(3 * time.Hour)
		w.noLetter("a request wakes nobody")
		w.hear(w.writes(bob, ann))
		w.Advance(3 * time.Hour)
		w.says(w.letter(), "1 person wrote to you")

		w.hear(w.writes(bob, ann))
		must(t, w.db.Tx(ctx, func(tx *sql.Tx) error { return w.chats.CloseMatch(ctx, tx, min(ann, bob), max(ann, bob)) }))
		w.Advance(48 * time.Hour)
		w.noLetter("the match is over")
	})
}

func TestADigestCountsAnswersToMomentsApartFromMessages(t *testing.T) {
	mailed(t, func(t *testing.T, w *office) {
		ann, bob, cleo := w.reader("Ann"), w.person("Bob"), w.person("Cleo")
		w.chat(ann, bob)
		w.chat(ann, cleo)
		answer := func(by account.ID) {
			m, err := w.chats.Send(ctx, by, ann, message.Draft{ID: message.ID(id.New()), Text: "That was the number 3", Moment: id.New()})
			must(t, err)
			w.hear(message.Changed{A: min(ann, by), B: max(ann, by), By: by, N: m.N, Seq: m.Seq, New: true, At: m.At})
		}
		answer(bob)
		answer(cleo)
		w.hear(w.writes(cleo, ann))
		w.Advance(3 * time.Hour)
		w.says(w.letter(), "1 person wrote to you", "2 people answered your moments")

		w.set(ann, func(s *notify.Settings) { s.Push[notify.Message] = false })
		w.Advance(24 * time.Hour)
		w.hear(w.writes(cleo, ann))
		w.Advance(3 * time.Hour)
		w.noLetter("messages are switched off")
		answer(bob)
		w.Advance(3 * time.Hour)
		w.says(w.letter(), "1 person answered your moment")
	})
}

func TestWhatIsOfThisMomentIsNeverMailed(t *testing.T) {
	mailed(t, func(t *testing.T, w *office) {
		ann, bob := w.reader("Ann"), w.person("Bob")
		w.exec(`INSERT INTO happy_hours (id, title, starts_at, ends_at) VALUES ('h', 'Jazz night', 0, $1)`, w.Now().Add(time.Hour).UnixMilli())
		w.exec(`INSERT INTO happy_rsvps (hour_id, account_id) VALUES ('h', $1)`, string(ann))
		w.follow(ann, bob)
		_, live := w.opens(bob, "Jazz")
		proposal := w.ring(bob)
		proposal.Kind = call.Match
		w.hear(call.HappyHourBegan{Hour: "h", Title: "Jazz night", EndsAt: w.Now().Add(time.Hour)}, w.sees(ann, w.ring(bob)), w.sees(ann, proposal), live)
		if l := w.list(ann); len(l) != 3 {
			t.Errorf("the centre has %+v", l)
		}
		w.Advance(3 * time.Hour)
		w.noLetter("it was of that moment")
		if n := w.count(`SELECT COUNT(*) FROM mail_queue`); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestThereIsOneDigestADayHoweverMuchWaits(t *testing.T) {
	mailed(t, func(t *testing.T, w *office) {
		ann := w.reader("Ann")
		for range 1000 {
			other := account.ID(id.New())
			w.exec(`INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, string(other))
			w.hear(w.matched(ann, other))
		}
		w.Advance(3 * time.Hour)
		w.says(w.letter(), "99+ new matches")
		for hour := 1; hour < 24; hour++ {
			w.Advance(time.Hour)
			w.hear(w.matched(ann, w.person("Bob")))
			w.noLetter("there was one today")
		}
		w.Advance(time.Hour)
		w.says(w.letter(), "23 new matches") // not those that were told already
		w.Advance(time.Hour)
		w.hear(w.matched(ann, w.person("Bob")))
		w.Advance(22 * time.Hour)
		w.noLetter("a day is not over")
		w.Advance(time.Hour)
		w.letter()
	})
}

func TestNoDigestComesInQuietHours(t *testing.T) {
	mailed(t, func(t *testing.T, w *office) {
		ann := w.reader("Ann")
		w.set(ann, func(s *notify.Settings) { s.TimeZone, s.QuietFrom, s.QuietTo = "Asia/Shanghai", 22*60, 7*60+30 })
		w.at(20, 0, "Asia/Shanghai")
		w.hear(w.matched(ann, w.person("Bob")))
		w.Advance(3 * time.Hour)
		w.noLetter("it is eleven at night")
		w.Advance(8*time.Hour + 29*time.Minute)
		w.noLetter("one minute too early")
		w.Advance(time.Minute)
		w.letter()
	})
}

func TestADigestWaitsForTheEndOfDoNotDisturbAndWhileHeyyIsOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		in := &mood{}
		w := newOffice(t, d, func(c *notify.Config) { c.Presence = in })
		ann := w.reader("Ann")
		switched := presence.SettingsChanged{Account: ann}
		in.on = true
		w.hear(switched, w.matched(ann, w.person("Bob")))
		for range 100 {
			w.Advance(time.Hour)
			w.noLetter("it has no end")
		}
		in.on = false
		w.hear(switched)
		w.letter()

		in.on = true
		w.Advance(24 * time.Hour)
		w.hear(w.matched(ann, w.person("Bob")))
		w.Advance(time.Hour)
		in.on = false
		w.hear(switched)
		w.noLetter("she has three hours to see it all the same")
		w.Advance(2 * time.Hour)
		w.letter()

		w.Advance(24 * time.Hour)
		w.hear(w.matched(ann, w.person("Bob")))
		in.open = true
		for range 50 {
			w.Advance(3 * time.Hour)
			w.noLetter("she has it open")
		}
		in.open = false
		w.Advance(3 * time.Hour)
		w.letter()
	})
}

// mood is a presence that a test sets, for everybody.
type mood struct{ on, open bool }

func (m *mood) IsUndisturbed(context.Context, db.Querier, account.ID) (bool, time.Time, error) {
	return m.on, time.Time{}, nil
}

func (m *mood) IsOnline(context.Context, db.Querier, account.ID) (bool, error) { return m.open, nil }

func TestWhoseLastSubscriptionEndsIsMailedWhatWasToBePushed(t *testing.T) {
	mailed(t, func(t *testing.T, w *office) {
		ann := w.reader("Ann")
		d, _ := w.device(ann)
		other, _ := w.device(ann)
		w.gate.forget(d)
		w.hear(w.matched(ann, w.person("Bob")))
		w.send()
		if n := w.count(`SELECT COUNT(*) FROM mail_queue`); n != 0 {
			t.Errorf("one device still takes pushes, and %d mails wait", n)
		}
		w.gate.forget(other)
		w.hear(w.matched(ann, w.person("Cleo")))
		w.send()
		w.Advance(3 * time.Hour)
		w.says(w.letter(), "2 new matches")
	})
}

func TestTwoServersSendEachMailOnce(t *testing.T) {
	mailed(t, func(t *testing.T, w *office) {
		other := newWorld(t, w.db, w.mails)
		const people = 40
		for i := range people {
			ann := w.reader(fmt.Sprint("Ann", i))
			w.hear(w.matched(ann, w.person("Bob")), account.NewDevice{Account: ann, Device: "Chrome"})
		}
		w.Advance(3 * time.Hour)
		other.Advance(3 * time.Hour)
		w.server.Slow(5 * time.Millisecond)
		var all sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			all.Go(func() { errs[i] = []*world{w.world, other}[i%2].SendMails(ctx) })
		}
		all.Wait()
		must(t, errors.Join(errs...))
		must(t, w.SendMails(ctx))
		got := map[string]int{}
		for _, l := range w.server.Letters() {
			got[l.To+" "+l.Subject]++
		}
		for what, n := range got {
			if n != 1 {
				t.Errorf("%s: %d times", what, n)
			}
		}
		if len(got) != 2*people {
			t.Errorf("%d mails for %d people", len(got), people)
		}
	})
}

func TestAMailServerThatIsDownForADayGetsOneMailThen(t *testing.T) {
	mailed(t, func(t *testing.T, w *office) {
		ann := w.reader("Ann")
		w.hear(w.matched(ann, w.person("Bob")), account.NewDevice{Account: ann, Device: "Chrome"})
		w.server.Stop()
		for range 27 * 6 {
			w.Advance(10 * time.Minute)
			w.noLetter("it is down")
		}
		w.hear(w.matched(ann, w.person("Cleo")))
		w.server.Start()
		w.Advance(time.Hour)
		all := w.post()
		if len(all) != 2 || !strings.Contains(all[0].Subject+all[1].Subject, "sign-in") {
			t.Fatalf("then came %+v", all)
		}
		for _, l := range all {
			if strings.Contains(l.Subject, "waiting") {
				w.says(l, "2 new matches")
			}
		}
		w.Advance(48 * time.Hour)
		w.noLetter("they were sent")
	})
}

func TestAMailThatIsNeverTakenIsGivenUp(t *testing.T) {
	for answer, days := range map[string]int{"550 no such user": 0, "451 later": 3} {
		t.Run(answer, func(t *testing.T) {
			mailed(t, func(t *testing.T, w *office) {
				w.server.Answer(answer)
				ann := w.reader("Ann")
				w.hear(w.matched(ann, w.person("Bob")))
				w.Advance(3 * time.Hour)
				w.noLetter("it is refused")
				for range days*24 - 2 {
					w.Advance(time.Hour)
					w.noLetter("it is refused")
					if n := w.count(`SELECT COUNT(*) FROM mail_queue WHERE due_at IS NOT NULL`); n != 1 {
						t.Fatal("it was given up early")
					}
				}
				w.Advance(2 * time.Hour)
				w.noLetter("it is refused")
				if n := w.count(`SELECT COUNT(*) FROM mail_queue WHERE due_at IS NOT NULL`); n != 0 {
					t.Error("it is tried for ever")
				}
				w.server.Answer("250 ok")
				w.Advance(48 * time.Hour)
				w.noLetter("it was given up")
				w.hear(w.matched(ann, w.person("Cleo")))
				w.Advance(3 * time.Hour)
				w.says(w.letter(), "2 new matches") // nobody has told the first
			})
		})
	}
}

func TestASignInFromANewDeviceIsMailedAtOnceToEverybody(t *testing.T) {
	mailed(t, func(t *testing.T, w *office) {
		ann, bob := w.reader("Ann"), w.reader("Bob")
		w.device(ann)
		w.set(ann, func(s *notify.Settings) {
			s.TimeZone, s.QuietTo, s.Email, s.Push[notify.NewDevice] = "Europe/Rome", 23*60+59, false, false // nothing of it keeps a warning back
		})
		f := account.NewDevice{Account: ann, Device: "Chrome on Android"}
		r := w.records(f)[0]
		for range 3 {
			must(t, w.Listener().Take(ctx, r))
		}
		l := w.letter()
		for _, want := range []string{"Chrome on Android", "10 March 2027, 13:00 (Europe/Rome)", "https://heyy.example/me"} {
			if !strings.Contains(l.Text, want) {
				t.Errorf("it lacks %s: %s", want, l.Text)
			}
		}
		if l.To != address(ann) || l.Header.Get("List-Unsubscribe") != "" {
			t.Errorf("the mail is %+v", l)
		}
		w.hear(account.NewDevice{Account: bob, Device: "Firefox on Mac"})
		w.letter()
		w.noLetter("it was sent")
	})
}

func TestSignInsFillNoMailbox(t *testing.T) {
	mailed(t, func(t *testing.T, w *office) {
		ann, bob := w.reader("Ann"), w.reader("Bob")
		sent := 0
		for range 40 {
			w.hear(account.NewDevice{Account: ann, Device: "Chrome"})
			w.Advance(20 * time.Minute)
			sent += len(w.post())
			must(t, w.Sweep(ctx, w.Now()))
		}
		if sent != 5 {
			t.Errorf("%d mails", sent)
		}
		w.hear(account.NewDevice{Account: bob, Device: "Chrome"})
		w.letter()
		w.Advance(24 * time.Hour)
		must(t, w.Sweep(ctx, w.Now()))
		w.hear(account.NewDevice{Account: ann, Device: "Chrome"})
		w.letter()
		w.Advance(25 * time.Hour)
		must(t, w.Sweep(ctx, w.Now()))
		if n := w.count(`SELECT COUNT(*) FROM mail_queue`); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// A mail server that hangs keeps neither a push nor another mail's claim waiting: mails have
// nothing to do with the loop of pushes.
func TestAMailServerThatHangsDelaysNoPush(t *testing.T) {
	mailed(t, func(t *testing.T, w *office) {
		w.server.Slow(3 * time.Second)
		ann, bob := w.reader("Ann"), w.reader("Bob")
		w.device(bob)
		w.running()
		within, stop := context.WithCancel(ctx)
		done := make(chan error)
		go func() { done <- w.RunMail(within) }()
		t.Cleanup(func() { stop(); must(t, <-done) })
		w.hear(account.NewDevice{Account: ann, Device: "Chrome"})
		eventually(t, "the mail is on its way", func() bool { return w.count(`SELECT COUNT(*) FROM mail_queue WHERE due_at IS NULL`) == 1 })
		start := time.Now()
		w.hear(w.matched(ann, bob))
		eventually(t, "the push", func() bool { return len(w.gate.pushes()) == 1 })
		if took := time.Since(start); took > time.Second {
			t.Errorf("it took %s", took)
		}
		eventually(t, "the mail", func() bool { return len(w.server.Letters()) == 1 })
	})
}

func TestDigestsLeaveWhatTheMailServerTakesToSignIns(t *testing.T) {
	budget := mail.NewBudget(400) // a hundred at once
	mailed(t, func(t *testing.T, w *office) {
		budget = mail.NewBudget(400)
		for i := range 60 {
			w.hear(w.matched(w.reader(fmt.Sprint("Ann", i)), w.person("Bob")))
		}
		w.Advance(3 * time.Hour)
		if n := len(w.post()); n != 25 {
			t.Errorf("%d digests at once", n)
		}
		w.hear(account.NewDevice{Account: w.reader("Cleo"), Device: "Chrome"})
		if l := w.letter(); !strings.Contains(l.Subject, "sign-in") {
			t.Errorf("instead of the warning came %+v", l)
		}
		w.Advance(time.Hour)
		if n := len(w.post()); n < 20 {
			t.Errorf("an hour later %d", n)
		}
	}, func(c *notify.Config) { c.Budget = late{&budget} })
}

// late is a budget that each engine has its own of.
type late struct{ of **mail.Budget }

func (l late) TakeOther(warning bool, now time.Time) bool { return (*l.of).TakeOther(warning, now) }

func TestALinkOfAMailSwitchesDigestsOffAndOnAndDoesNothingElse(t *testing.T) {
	mailed(t, func(t *testing.T, w *office) {
		ann, bob := w.reader("Ann"), w.reader("Bob")
		w.hear(w.matched(ann, bob))
		w.Advance(3 * time.Hour)
		for _, l := range w.post() {
			if want := "<https://heyy.example/unsubscribe/" + w.MailToken(account.ID(strings.TrimSuffix(l.To, "@example.org"))) + ">"; l.Header.Get("List-Unsubscribe") != want {
				t.Errorf("the link is %s, not %s", l.Header.Get("List-Unsubscribe"), want)
			}
		}
		before := must1(w.Settings(ctx, ann))(t)
		who := must1(w.ByMailToken(ctx, w.MailToken(ann)))(t)
		if who != ann {
			t.Fatalf("it is of %s", who)
		}
		for _, on := range []bool{false, false, true, false} {
			must(t, w.SetMailed(ctx, who, on))
			after := must1(w.Settings(ctx, ann))(t)
			if is := must1(w.IsMailed(ctx, who))(t); is != on || after.Email != on {
				t.Errorf("it is %t", is)
			}
			after.Email = before.Email
			if fmt.Sprint(after) != fmt.Sprint(before) {
				t.Errorf("%+v became %+v", before, after)
			}
		}
		if !must1(w.IsMailed(ctx, bob))(t) {
			t.Error("somebody else's are off")
		}
		token := w.MailToken(ann)
		for _, wrong := range []string{"", "x", token[:len(token)-1], token + "A", string(bob) + token[36:], strings.Repeat("A", 100), string(ann), strings.ToUpper(token), token[:36] + strings.Repeat("\xff", 24)} {
			_, err := w.ByMailToken(ctx, wrong)
			testkit.WantCode(t, err, "mail.link_unknown")
		}
		w.exec(`DELETE FROM accounts WHERE id = $1`, string(ann))
		_, err := w.ByMailToken(ctx, token)
		testkit.WantCode(t, err, "mail.link_unknown")
	})
}

// asks sends a request of somebody without a match, and returns the fact.
func (o *office) asks(by, to account.ID) message.Changed {
	o.t.Helper()
	_, err := o.chats.Begin(ctx, by, to, func(context.Context, *sql.Tx) (bool, error) { return false, nil })
	must(o.t, err)
	return o.writes(by, to)
}
