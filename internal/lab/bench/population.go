package bench

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/id"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/people/region"
)

const (
	seedTx    = 10_000 // people of one transaction
	seedRows  = 16     // of one statement: binding takes the square of the parameters
	regionsOf = 300    // people of a usual region
)

// speakers is the percentage of people by first language.
var speakers = []struct {
	language string
	percent  int
}{{"it", 35}, {"en", 25}, {"zh", 12}, {"es", 8}, {"de", 6}, {"fr", 6}, {"pt", 3}, {"ar", 2}, {"ro", 2}, {"uk", 1}}

// maker generates random people, the same ones each time.
type maker struct {
	chance *rand.Rand
	zipf   *rand.Zipf
	order  []int // of interests by how many have them
	homes  []string
	now    time.Time
}

// seed writes n people: a tenth of them in one region, seven men to three women.
func seed(ctx context.Context, d *db.DB, n int) (p population, err error) {
	chance := rand.New(rand.NewPCG(1, uint64(n)))
	m := &maker{chance: chance, zipf: rand.NewZipf(chance, 1.2, 4, uint64(len(profile.Interests)-1)), order: chance.Perm(len(profile.Interests)), now: time.Now()}
	crowd := region.CellAt(41.9, 12.5).String()
	for range max(1, n/regionsOf) { // all over Europe
		m.homes = append(m.homes, region.CellAt(36+chance.Float64()*24, -9+chance.Float64()*35).String())
	}
	for at := 0; at < n; at += seedTx {
		if err := d.Tx(ctx, func(tx *sql.Tx) error {
			t := newTables(tx)
			for i := at; i < min(n, at+seedTx); i++ {
				home := crowd
				if i%10 != 0 {
					home = m.homes[chance.IntN(len(m.homes))]
				}
				who := m.person(t, home)
				if i%10 == 0 {
					p.crowd = append(p.crowd, who)
				} else {
					p.elsewhere = append(p.elsewhere, who)
				}
				if t.err != nil {
					return t.err
				}
			}
			return t.flush(ctx)
		}); err != nil {
			return p, err
		}
	}
	if d.Engine == db.Postgres { // what autovacuum does by itself, a while later
		_, err = d.ExecContext(ctx, "ANALYZE")
	}
	return p, err
}

func (m *maker) person(t *tables, home string) account.ID {
	who, c := id.Opaque(), m.chance
	gender, other := "man", "woman"
	pitch := 85 + c.Float64()*80
	if x := c.Float64(); x > 0.98 {
		gender, other, pitch = "nonbinary", "nonbinary", 100+c.Float64()*150
	} else if x > 0.69 {
		gender, other, pitch = "woman", "man", 160+c.Float64()*110
	}
	meet := []string{other}
	if x := c.Float64(); x < 0.05 {
		meet = profile.Genders
	} else if x < 0.12 {
		meet = []string{gender}
	}
	age := 18 + int(math.Abs(c.NormFloat64())*13)
	age = min(age, 80)
	born := m.now.AddDate(-age, 0, -c.IntN(365)).Format(time.DateOnly)
	from, to := max(18, age-3-c.IntN(9)), age+3+c.IntN(9)
	intents := []string{"dating"}
	if x := c.Float64(); x < 0.2 {
		intents = []string{"friends"}
	} else if x < 0.45 {
		intents = []string{"dating", "friends"}
	} else if x < 0.5 {
		intents = profile.Intents
	}
	verified := c.Float64() < 0.25
	var verifiedAt any
	if verified {
		verifiedAt = db.Millis(m.now)
	}
	wishes := func(share float64, keys []string) string {
		if c.Float64() < share {
			return array(keys)
		}
		return "[]"
	}
	languages, interests := m.languages(), m.interests()
	voice := fmt.Sprintf(`{"pitch_hz":%.1f,"brightness":%.3f,"tempo":%.3f,"energy":%.3f}`, pitch, c.Float64(), c.Float64(), c.Float64())
	since := db.Millis(m.now.Add(-time.Duration(c.IntN(500*24)) * time.Hour))
	seen := db.Millis(m.now.Add(-time.Duration(1+c.IntN(29*24*60)) * time.Minute))
	t.accounts.add(who, "member", born, since, seen)
	t.profiles.add(who, "Bench", "en", array(interests), voice, since, gender, array(languages), array(intents), array(meet), from, to,
		wishes(0.1, intents[:1]), wishes(0.05, languages[:1]), wishes(0.1, interests[:min(3, len(interests))]), verified && c.Float64() < 0.1, verifiedAt, false)
	t.clips.add(who, who, 0, "small_joy", "bench", 7000, "", since)
	t.regions.add(who, home, "[]", since, home, since)
	t.full()
	return account.ID(who)
}

func (m *maker) languages() []string {
	tongue := func() string {
		x := m.chance.IntN(100)
		for _, s := range speakers {
			if x -= s.percent; x < 0 {
				return s.language
			}
		}
		return "en"
	}
	all := []string{tongue()}
	if all[0] != "en" && m.chance.Float64() < 0.6 {
		all = append(all, "en")
	}
	if other := tongue(); m.chance.Float64() < 0.2 && other != all[0] && other != all[len(all)-1] {
		all = append(all, other)
	}
	return all
}

func (m *maker) interests() (all []string) {
	had := map[uint64]bool{}
	for n := 3 + m.chance.IntN(8); len(all) < n; {
		if x := m.zipf.Uint64(); !had[x] {
			had[x] = true
			all = append(all, profile.Interests[m.order[x]])
		}
	}
	return all
}

// array returns a JSON array of keys.
func array(keys []string) string {
	if len(keys) == 0 {
		return "[]"
	}
	return `["` + strings.Join(keys, `","`) + `"]`
}

// rows collects rows of one table for batched inserts.
type rows struct {
	head  string
	width int
	args  []any
}

func (r *rows) add(args ...any) { r.args = append(r.args, args...) }

// tables are the tables of a person, in the order of their foreign keys.
type tables struct {
	tx                                 *sql.Tx
	accounts, profiles, clips, regions rows
	err                                error
}

func newTables(tx *sql.Tx) *tables {
	return &tables{
		tx:       tx,
		accounts: rows{head: `INSERT INTO accounts (id, kind, born, created_at, seen_at) VALUES `, width: 5},
		profiles: rows{head: `INSERT INTO profiles (account_id, name, language, interests, voice, updated_at, gender, languages, intents, meet, age_from, age_to,
			wish_intents, wish_languages, wish_interests, verified_only, verified_at, paused) VALUES `, width: 18},
		clips:   rows{head: `INSERT INTO clips (id, account_id, place, prompt, blob_key, ms, peaks, created_at) VALUES `, width: 8},
		regions: rows{head: `INSERT INTO regions (account_id, cell, moved, counts_at, shown, updated_at) VALUES `, width: 6},
	}
}

// full writes the collected rows if there are enough for a batch.
func (t *tables) full() {
	if len(t.accounts.args) >= seedRows*t.accounts.width && t.err == nil {
		t.err = t.flush(context.Background())
	}
}

func (t *tables) flush(ctx context.Context) error {
	for _, r := range []*rows{&t.accounts, &t.profiles, &t.clips, &t.regions} {
		if err := r.insert(ctx, t.tx); err != nil {
			return err
		}
	}
	return nil
}

// insert writes the collected rows.
func (r *rows) insert(ctx context.Context, tx *sql.Tx) error {
	if len(r.args) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString(r.head)
	for at := range len(r.args) / r.width {
		if at > 0 {
			b.WriteByte(',')
		}
		for i := range r.width {
			b.WriteString([2]string{"($", ",$"}[min(i, 1)])
			b.WriteString(strconv.Itoa(at*r.width + i + 1))
		}
		b.WriteByte(')')
	}
	_, err := tx.ExecContext(ctx, b.String(), r.args...)
	r.args = r.args[:0]
	return err
}
