package schedule_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"heyy/internal/rooms/schedule"
)

// parsed reads a calendar again. Each of its lines names a parameter once.
func parsed(t *testing.T, text []byte) []*ics.VEvent {
	t.Helper()
	for line := range strings.SplitSeq(strings.TrimSuffix(string(text), "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
		named := map[string]bool{}
		property, _, _ := strings.Cut(line, ":")
		for i, parameter := range strings.Split(property, ";") {
			name, _, _ := strings.Cut(parameter, "=")
			if i > 0 && line[0] != ' ' && named[name] {
				t.Errorf("%s twice: %q", name, line)
			}
			named[name] = true
		}
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(text))
	must(t, err)
	return cal.Events()
}

func value(v *ics.VEvent, p ics.ComponentProperty) string {
	if at := v.GetProperty(p); at != nil {
		return at.Value
	}
	return ""
}

func TestACalendarSaysWhatTheEventsAre(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		who := x.person(t)
		long := strings.Repeat("🎷", 80)
		for _, title := range []string{"Jazz, at; night", `END:VEVENT \n BEGIN:VEVENT`, long, strings.Repeat("a", 73) + "🎷é", "夜のジャズ" + strings.Repeat("音楽", 30)} {
			e, _ := x.planned(t, func(p *schedule.Plan) {
				p.Title, p.About = title, "One\nEND:VEVENT\nEND:VCALENDAR\n\nATTACH:http://bad.example\n"+long
			})
			must(t, x.Go(ctx, who, e.ID))
			file, err := x.File(ctx, who, e.ID, "https://heyy.example")
			must(t, err)
			all := parsed(t, file)
			if len(all) != 1 {
				t.Fatalf("%q: %d events", title, len(all))
			}
			v := all[0]
			at, err := v.GetStartAt()
			must(t, err)
			end, err := v.GetEndAt()
			must(t, err)
			if s := value(v, ics.ComponentPropertySummary); s != e.Title || !at.Equal(e.StartsAt) || end.Sub(at) != time.Hour {
				t.Errorf("%q at %s to %s", s, at, end)
			}
			if d := value(v, ics.ComponentPropertyDescription); d != e.About+"\n\nhttps://heyy.example/events/"+string(e.ID) {
				t.Errorf("the description is %q", d)
			}
			if value(v, ics.ComponentPropertyUniqueId) != string(e.ID)+"@heyy" || v.GetProperty(ics.ComponentPropertyAttach) != nil {
				t.Errorf("%s", file)
			}
		}
		feed, err := x.Feed(ctx, who, "https://heyy.example")
		must(t, err)
		if all := parsed(t, feed); len(all) != 5 {
			t.Errorf("%d events", len(all))
		}
		if !bytes.Contains(feed, []byte("\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n")) {
			t.Errorf("%s", feed)
		}
		again, err := x.Feed(ctx, who, "https://heyy.example")
		must(t, err)
		if !bytes.Equal(feed, again) {
			t.Error("the same events have other bytes")
		}
	})
}

func TestACalendarFollowsChanges(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		e, host := x.planned(t)
		goer := x.goer(t, e.ID)
		one := func() *ics.VEvent {
			t.Helper()
			feed, err := x.Feed(ctx, goer, "https://heyy.example")
			must(t, err)
			all := parsed(t, feed)
			if len(all) != 1 {
				t.Fatalf("%d events", len(all))
			}
			return all[0]
		}
		first := one()
		p := e.Plan
		p.StartsAt = p.StartsAt.Add(time.Hour)
		_, err := x.Edit(ctx, host, e.ID, p)
		must(t, err)
		moved := one()
		if value(moved, ics.ComponentPropertySequence) <= value(first, ics.ComponentPropertySequence) ||
			value(moved, ics.ComponentPropertyUniqueId) != value(first, ics.ComponentPropertyUniqueId) || value(moved, ics.ComponentPropertyStatus) != "CONFIRMED" {
			t.Errorf("moved: %s", moved.Serialize(&ics.SerializationConfiguration{NewLine: "\n", MaxLength: 75, PropertyMaxLength: 75}))
		}
		must(t, x.Cancel(ctx, host, e.ID))
		if gone := one(); value(gone, ics.ComponentPropertyStatus) != "CANCELLED" || value(gone, ics.ComponentPropertySequence) <= value(moved, ics.ComponentPropertySequence) {
			t.Errorf("cancelled: %v", gone)
		}
		x.block(t, host, goer)
		feed, err := x.Feed(ctx, goer, "")
		must(t, err)
		if all := parsed(t, feed); len(all) != 0 {
			t.Errorf("of somebody who blocked them: %s", feed)
		}
	})
}

func TestWeeklyDatesAreSingleOnesInUTC(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		e, host := x.planned(t, func(p *schedule.Plan) {
			p.Weekly, p.StartsAt = true, time.Date(2027, 3, 17, 20, 0, 0, 0, time.UTC)
		})
		feed, err := x.Feed(ctx, host, "")
		must(t, err)
		var got []string
		for _, v := range parsed(t, feed) {
			got = append(got, value(v, ics.ComponentPropertyDtStart)+" "+strings.TrimPrefix(value(v, ics.ComponentPropertyUniqueId), string(e.ID)))
		}
		if want := "20270317T200000Z -20270317@heyy, 20270324T200000Z -20270324@heyy, 20270331T190000Z -20270331@heyy, 20270407T190000Z -20270407@heyy"; strings.Join(got, ", ") != want {
			t.Errorf("dates: %v", got)
		}
	})
}

func TestACalendarHasOneSecretAddress(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		who := x.person(t)
		if at, err := x.Calendar(ctx, who); err != nil || !at.IsZero() {
			t.Errorf("before: %v, %v", at, err)
		}
		old, err := x.MakeCalendar(ctx, who)
		must(t, err)
		token, err := x.MakeCalendar(ctx, who)
		must(t, err)
		_, err = x.ByToken(ctx, old)
		wantCode(t, err, "event.calendar_gone")
		found, err := x.ByToken(ctx, token)
		must(t, err)
		var stored int
		must(t, x.db.QueryRow(`SELECT COUNT(*) FROM event_calendars WHERE token_hash = $1`, token).Scan(&stored))
		if found != who || stored != 0 {
			t.Errorf("of %s, stored %d times", found, stored)
		}
		for range 2 {
			must(t, x.EndCalendar(ctx, who))
		}
		_, err = x.ByToken(ctx, token)
		wantCode(t, err, "event.calendar_gone")
	})
}
