package discovery

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/people/region"
)

// personColumns and personTables read a Person. People without a clip, region or birth date
// are read too; they are not complete.
const (
	personColumns = `p.account_id, a.kind, a.born, a.created_at, a.seen_at, p.gender, p.languages, p.interests, p.intents, p.meet, p.age_from, p.age_to,
	p.wish_intents, p.wish_languages, p.wish_interests, p.verified_only, p.verified_at IS NOT NULL, p.paused, p.voice, g.shown,
	EXISTS (SELECT 1 FROM clips c WHERE c.account_id = p.account_id AND c.place = 0),
	COALESCE(e.kind + e.on_topic + e.safe, 0), COALESCE(e.unkind + e.off_topic + 3 * e.unsafe, 0)`
	personTables = ` FROM profiles p JOIN accounts a ON a.id = p.account_id LEFT JOIN regions g ON g.account_id = p.account_id LEFT JOIN regards e ON e.account_id = p.account_id `
)

// reader scans rows of personColumns, reusing its memory.
type reader struct {
	id, kind, birthDate, gender, languages, interests, intents, meet, wishIntents, wishLanguages, wishInterests, voice, cell sql.RawBytes
	created, seen, good, bad                                                                                                 int64
	from, to                                                                                                                 int
	verifiedOnly, verified, paused, clip                                                                                     bool
	into                                                                                                                     []any
}

func newReader() *reader {
	r := &reader{}
	r.into = []any{&r.id, &r.kind, &r.birthDate, &r.created, &r.seen, &r.gender, &r.languages, &r.interests, &r.intents, &r.meet, &r.from, &r.to,
		&r.wishIntents, &r.wishLanguages, &r.wishInterests, &r.verifiedOnly, &r.verified, &r.paused, &r.voice, &r.cell, &r.clip, &r.good, &r.bad}
	return r
}

// person converts the row that was scanned into r.into.
func (r *reader) person() (p Person, err error) {
	p = Person{
		ID: account.ID(r.id), Resident: string(r.kind) == "resident",
		Seen: time.UnixMilli(r.seen), Since: time.UnixMilli(r.created),
	}
	p.from, p.to = years(r.from), years(r.to)
	var intents, sought uint64
	for _, list := range []struct {
		json  []byte
		place map[string]int
		to    *uint64
	}{
		{r.languages, languagePlace, &p.languages}, {r.intents, intentPlace, &intents}, {r.wishIntents, intentPlace, &sought},
		{r.wishLanguages, languagePlace, &p.rare.languages},
	} {
		if err := keys(list.json, func(k []byte) {
			if i, ok := list.place[string(k)]; ok {
				*list.to |= 1 << i
			}
		}); err != nil {
			return p, fmt.Errorf("lists of %s: %w", r.id, err)
		}
	}
	var meet uint64
	if err := keys(r.meet, func(k []byte) {
		if i, ok := genderPlace[string(k)]; ok {
			meet |= 1 << i
		}
	}); err != nil {
		return p, fmt.Errorf("meet of %s: %w", r.id, err)
	}
	for _, list := range []struct {
		json []byte
		to   *interests
	}{{r.interests, &p.interests}, {r.wishInterests, &p.rare.interests}} {
		if err := keys(list.json, func(k []byte) {
			if i, ok := interestPlace[string(k)]; ok {
				list.to.add(i)
			}
		}); err != nil {
			return p, fmt.Errorf("interests of %s: %w", r.id, err)
		}
	}
	p.meet, p.intents, p.seeking = uint8(meet), uint8(intents), uint8(intents)
	if sought != 0 {
		p.seeking &= uint8(sought)
	}
	if i, ok := genderPlace[string(r.gender)]; ok {
		p.gender = 1 << i
	}
	if len(r.birthDate) == len(time.DateOnly) {
		y, errY := strconv.Atoi(string(r.birthDate[:4]))
		m, errM := strconv.Atoi(string(r.birthDate[5:7]))
		d, errD := strconv.Atoi(string(r.birthDate[8:]))
		if errY == nil && errM == nil && errD == nil {
			p.birthDate = Day(y<<9 | m<<5 | d)
		}
	}
	for _, f := range []struct {
		on  bool
		bit uint8
	}{{p.Resident, isResident}, {r.verified, isVerified}, {r.verifiedOnly, wantsVerified}} {
		if f.on {
			p.flags |= f.bit
		}
	}
	p.updateFlags()
	if len(r.voice) > 0 {
		if p.Voice, err = voiceOf(r.voice); err != nil {
			return p, fmt.Errorf("voice of %s: %w", r.id, err)
		}
	}
	if p.Cell, err = region.ParseCell(string(r.cell)); err != nil {
		return p, fmt.Errorf("region of %s: %w", r.id, err)
	}
	p.reputation = reputationOf(r.good, r.bad)
	p.paused = r.paused
	p.complete = p.birthDate != 0 && p.gender != 0 && p.meet != 0 && p.intents != 0 && p.languages != 0 && !p.interests.none() && p.Voice != nil && r.clip && !r.paused
	return p, nil
}

// keys hands each of a JSON array of plain keys to visit. Plain keys are what
// package profile writes; whatever else is JSON is read the slow way.
func keys(list []byte, visit func([]byte)) error {
	rest := list
	if len(rest) == 2 && rest[0] == '[' && rest[1] == ']' {
		return nil
	}
	if len(rest) > 3 && rest[0] == '[' && rest[len(rest)-1] == ']' && bytes.IndexByte(rest, '\\') < 0 {
		for rest = rest[1:]; rest[0] == '"'; rest = rest[1:] {
			end := bytes.IndexByte(rest[1:], '"') + 1
			if end == 0 || end+1 >= len(rest) {
				break
			}
			visit(rest[1:end])
			if rest = rest[end+1:]; rest[0] != ',' {
				break
			}
			if len(rest) < 2 {
				break
			}
		}
		if len(rest) == 1 && rest[0] == ']' {
			return nil
		}
	}
	var slow []string
	if err := json.Unmarshal(list, &slow); err != nil {
		return err
	}
	for _, k := range slow {
		visit([]byte(k)) // keys may be visited twice if the fast path gave up: they go into sets
	}
	return nil
}

// voiceOf parses a voice as package profile writes it, without reflection.
func voiceOf(text []byte) (*profile.Voice, error) {
	v := &profile.Voice{}
	for _, f := range []struct {
		name string
		to   *float64
	}{{`"pitch_hz":`, &v.PitchHz}, {`"brightness":`, &v.Brightness}, {`"tempo":`, &v.Tempo}, {`"energy":`, &v.Energy}} {
		at := bytes.Index(text, []byte(f.name))
		if at < 0 {
			return slowVoice(text)
		}
		number := text[at+len(f.name):]
		if end := bytes.IndexAny(number, ",}"); end > 0 {
			number = number[:end]
		}
		n, err := strconv.ParseFloat(string(number), 64)
		if err != nil {
			return slowVoice(text)
		}
		*f.to = n
	}
	return v, nil
}

func slowVoice(text []byte) (v *profile.Voice, err error) {
	err = json.Unmarshal(text, &v)
	return v, err
}

// scanPersons calls visit for each row; more are the targets of columns after
// personColumns. An unreadable row is logged and counts as an incomplete person: one broken
// profile must not hide all others.
func (s *Service) scanPersons(rows *sql.Rows, err error, more []any, visit func(*Person)) (n int, _ error) {
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	r := newReader()
	into := append(r.into, more...)
	for ; rows.Next(); n++ {
		if err := rows.Scan(into...); err != nil {
			return n, err
		}
		p, err := r.person()
		if err != nil {
			s.log.Warn("discovery: a profile that cannot be read is not shown", "err", err)
			p.complete = false
		}
		visit(&p)
	}
	return n, rows.Err()
}
