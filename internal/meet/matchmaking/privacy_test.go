package matchmaking_test

import (
	"testing"
	"time"

	"heyy/internal/base/id"
	"heyy/internal/meet/call"
	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
)

// TestEverySettingHoldsOnEveryPath is the table of docs/protocol.md, "Who may
// call whom": ann has the setting, bob would call her.
func TestEverySettingHoldsOnEveryPath(t *testing.T) {
	const (
		meets   = "meets"          // is proposed, or rings
		not     = "not"            // is not proposed
		unheard = "unheard"        // the caller sees a ring that nobody answers; nothing rings
		unknown = "person.unknown" // as for an account that does not exist
	)
	woman, verified := personSpec{}, personSpec{verified: true}
	for _, c := range []struct {
		setting     string
		ann, bob    personSpec
		do          func(w *world, ann, bob account.ID)
		queue, ring string
	}{
		{"everyone who fits", woman, woman, nil, meets, meets},
		{"verified people only, and he is not", personSpec{privacy: matchmaking.Verified}, woman, nil, not, unheard},
		{"verified people only, and he is not, but she is", personSpec{privacy: matchmaking.Verified, verified: true}, woman, nil, not, unheard},
		{"verified people only, and he is", personSpec{privacy: matchmaking.Verified}, verified, nil, meets, meets},
		{"nobody for now", personSpec{privacy: matchmaking.Nobody}, woman, nil, "match.call_privacy", unheard},
		{"nobody for now, though he is verified", personSpec{privacy: matchmaking.Nobody}, verified, nil, "match.call_privacy", unheard},
		{"do not disturb", woman, woman, func(w *world, ann, _ account.ID) {
			w.exec(`INSERT INTO presence_settings (account_id, mode, show_rooms) VALUES ($1, 'do_not_disturb', FALSE)`, string(ann))
		}, meets, unheard},
		{"his own door is shut", woman, personSpec{privacy: matchmaking.Nobody}, nil, not, meets},
		{"a break", personSpec{paused: true}, woman, nil, "match.paused", meets},
		{"no intro", personSpec{mute: true}, woman, nil, "match.incomplete", meets},
		{"wish: gender", personSpec{meet: []string{"man"}}, woman, nil, not, meets},
		{"wish: age", personSpec{from: 50, to: 60}, woman, nil, not, meets},
		{"wish: languages", personSpec{languagesWished: []string{"it"}}, woman, nil, not, meets},
		{"wish: intents", personSpec{intents: []string{"dating", "friends"}, wishIntents: []string{"friends"}}, woman, nil, not, meets},
		{"wish: verified only", personSpec{onlyVerified: true}, woman, nil, not, meets},
		{"wish: verified only, and he is", personSpec{onlyVerified: true}, verified, nil, meets, meets},
		{"she blocked him", woman, woman, func(w *world, ann, bob account.ID) { must(w.t, w.safety.Block(ctx, ann, bob)) }, not, unknown},
		{"he blocked her", woman, woman, func(w *world, ann, bob account.ID) { must(w.t, w.safety.Block(ctx, bob, ann)) }, not, unknown},
		{"she reported him", woman, woman, func(w *world, ann, bob account.ID) {
			must(w.t, w.safety.Report(ctx, ann, bob, safety.Complaint{Reason: "spam", Place: "discover"}))
		}, not, unknown},
		{"she passed him in Discover", woman, woman, func(w *world, ann, bob account.ID) {
			w.exec(`DELETE FROM pairs`)
			w.pair(ann, bob, "pass", time.Hour, false)
		}, not, unknown},
		{"he let her proposal pass today", woman, woman, func(w *world, ann, bob account.ID) { w.meanwhile(ann, bob) }, not, meets},
		{"in a call", woman, woman, func(w *world, ann, _ account.ID) { w.busy(ann) }, "match.in_call", "busy"},
		{"on a stage", woman, woman, func(w *world, ann, _ account.ID) { w.seat(ann) }, "match.on_stage", meets},
		{"nobody for now, and in a call", personSpec{privacy: matchmaking.Nobody}, woman, func(w *world, ann, _ account.ID) { w.busy(ann) }, "match.call_privacy", unheard},
	} {
		t.Run(c.setting, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				// The queue, with a member and with a resident: the same rule for both.
				for _, kind := range []string{"member", "resident"} {
					bob := c.bob
					bob.kind = kind
					p := w.join(c.ann, bob)
					if c.do != nil {
						c.do(w, p[0], p[1])
					}
					got := not
					if bob.privacy != matchmaking.Nobody {
						w.enter(p[1])
					}
					if _, err := w.Enter(ctx, p[0], matchmaking.SearchFilter{}); err != nil {
						wantCode(t, err, c.queue)
						got = c.queue
					}
					w.step()
					w.pass(5 * time.Second) // then a resident may be proposed
					w.step()
					if w.with(p[1]) == p[0] {
						got = meets
					}
					if got != c.queue {
						t.Errorf("queue, %s: %s, want %s", kind, got, c.queue)
					}
					w.exec(`DELETE FROM tickets`)
					w.exec(`DELETE FROM calls`)
					w.step()
				}
				// The ring of a match.
				p := w.join(c.ann, c.bob)
				ann, bob := p[0], p[1]
				w.pair(ann, bob, "like", time.Hour, true)
				if c.do != nil {
					c.do(w, ann, bob)
				}
				before, was, err := w.calls.Current(ctx, ann)
				must(t, err)
				v, err := w.calls.Ring(ctx, bob, ann)
				if err != nil {
					wantCode(t, err, c.ring)
					return
				}
				now, there, err := w.calls.Current(ctx, ann)
				must(t, err)
				got := "?"
				switch {
				case v.State == call.Ended:
					got = string(v.EndReason)
				case there && now.ID == v.ID:
					got = meets
				case there == was && now.ID == before.ID:
					got = unheard
				}
				if got != c.ring {
					t.Errorf("ring: %s, want %s", got, c.ring)
				}
			})
		})
	}
}

// meanwhile proposes two people to each other, and b declines.
func (w *world) meanwhile(a, b account.ID) {
	w.t.Helper()
	w.exec(`INSERT INTO meetings (a_id, b_id, at, never, apart_until) VALUES ($1, $2, 0, FALSE, $3)`,
		string(min(a, b)), string(max(a, b)), w.clock().Add(time.Hour).UnixMilli())
}

// busy puts somebody into a call.
func (w *world) busy(who account.ID) {
	w.t.Helper()
	other := w.join(personSpec{})[0]
	w.pair(who, other, "like", time.Hour, true)
	c, err := w.calls.Ring(ctx, who, other)
	must(w.t, err)
	_, err = w.calls.Accept(ctx, other, c.ID)
	must(w.t, err)
	w.talk(who, other)
}

// seat gives somebody a seat in a room.
func (w *world) seat(who account.ID) {
	w.t.Helper()
	room := id.New()
	w.exec(`INSERT INTO rooms (id, host_id, title, category, language, seats, seq, created_at) VALUES ($1, $2, 'A', 'talk', 'en', 10, 1, 0)`, room, string(who))
	w.exec(`INSERT INTO room_members (room_id, account_id, role, join_id, seat, muted, can_speak, joined_at) VALUES ($1, $2, 'host', $3, 1, FALSE, TRUE, 0)`, room, string(who), id.New())
}

func TestOpenRingsAndProposalsEndWhenCallPrivacyIsNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(personSpec{}, personSpec{}, personSpec{}, personSpec{})
		ann, bob, carl, dora := p[0], p[1], p[2], p[3]
		w.pair(ann, bob, "like", time.Hour, true)
		rung, err := w.calls.Ring(ctx, bob, ann)
		must(t, err)
		w.enter(carl, dora)
		w.step()
		proposals := w.callOf(carl)
		before, theirs := look(w, bob, rung.ID), look(w, dora, proposals)
		must(t, w.SetCallPrivacy(ctx, ann, matchmaking.Nobody))
		must(t, w.SetCallPrivacy(ctx, carl, matchmaking.Nobody))
		for _, who := range []account.ID{ann, carl} {
			if n, there, err := w.calls.Current(ctx, who); err != nil || there {
				t.Errorf("still rings: %+v, %v", n, err)
			}
		}
		if v := look(w, bob, rung.ID); v.Seq != before.Seq || v.State != call.Proposed {
			t.Errorf("who rings sees it: %+v", v)
		}
		if v := look(w, dora, proposals); v.Seq != theirs.Seq || v.State != call.Proposed {
			t.Errorf("who was proposed sees it: %+v", v)
		}
		// A ring of one's own continues.
		out, err := w.calls.Ring(ctx, ann, bob)
		if err != nil || out.State != call.Ended || out.EndReason != call.Busy {
			t.Errorf("%+v, %v", out, err) // Bob still rings
		}
		w.pass(30 * time.Second)
		must(t, w.calls.Sweep(ctx))
		out, err = w.calls.Ring(ctx, ann, bob)
		must(t, err)
		must(t, w.SetCallPrivacy(ctx, ann, matchmaking.Nobody))
		if v := look(w, ann, out.ID); v.State != call.Proposed {
			t.Errorf("one's own ring is gone: %+v", v)
		}
	})
}

func look(w *world, who account.ID, c call.ID) call.Call {
	w.t.Helper()
	v, err := w.calls.Get(ctx, who, c)
	must(w.t, err)
	return v
}
