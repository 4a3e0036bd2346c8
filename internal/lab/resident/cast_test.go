package resident_test

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/language"
	"heyy/internal/lab/resident"
	"heyy/internal/media/audio"
	"heyy/internal/people/profile"
)

func load(t *testing.T) resident.Cast {
	t.Helper()
	cast, err := resident.Load()
	if err != nil {
		t.Fatal(err)
	}
	return cast
}

func TestEverybodyIsGrownUpAndSaysWhoTheyAre(t *testing.T) {
	cast := load(t)
	if len(cast.Residents) != 24 {
		t.Fatalf("%d residents", len(cast.Residents))
	}
	keys, names := map[string]bool{}, map[string]bool{}
	for _, r := range cast.Residents {
		if keys[r.Key] || names[r.Name] {
			t.Errorf("%s (%s) is there twice", r.Key, r.Name)
		}
		keys[r.Key], names[r.Name] = true, true
		born, err := time.Parse(time.DateOnly, r.BirthDate)
		if err != nil || born.AddDate(21, 0, 0).After(time.Now()) {
			t.Errorf("%s was born %q: %v", r.Key, r.BirthDate, err)
		}
		if !language.Known(r.Language) {
			t.Errorf("%s speaks %q", r.Key, r.Language)
		}
		if !slices.Contains(profile.Genders, r.Gender) {
			t.Errorf("%s: gender %q", r.Key, r.Gender)
		}
		if n := len(r.Interests); n < 4 || n > 6 {
			t.Errorf("%s has %d interests", r.Key, n)
		}
		for _, i := range r.Interests {
			if !slices.Contains(profile.Interests, i) {
				t.Errorf("%s likes %q, which nobody can choose", r.Key, i)
			}
		}
		if ms := r.Intro.MS; ms < 5000 || ms > 30000 {
			t.Errorf("%s introduces themselves for %d ms", r.Key, ms)
		}
	}
}

func TestVoicesAreMeasuredAndApart(t *testing.T) {
	cast := load(t)
	for i, r := range cast.Residents {
		v := r.Voice
		if v.PitchHz < 60 || v.PitchHz > 420 {
			t.Errorf("%s: pitch %g Hz", r.Key, v.PitchHz)
		}
		for what, f := range map[string]float64{"brightness": v.Brightness, "tempo": v.Tempo, "energy": v.Energy} {
			if f < 0.01 || f > 0.99 {
				t.Errorf("%s: %s %g lies on the end of its scale", r.Key, what, f)
			}
		}
		for _, o := range cast.Residents[:i] {
			near := math.Abs(12*math.Log2(v.PitchHz/o.Voice.PitchHz)) < 0.5 && math.Abs(v.Brightness-o.Voice.Brightness) < 0.03 &&
				math.Abs(v.Tempo-o.Voice.Tempo) < 0.05 && math.Abs(v.Energy-o.Voice.Energy) < 0.05
			if near {
				t.Errorf("%s and %s sound alike: %+v, %+v", r.Key, o.Key, v, o.Voice)
			}
		}
	}
}

func TestEveryClipPlaysAsLongAndAsLoudAsItShould(t *testing.T) {
	cast := load(t)
	groups := map[string][]resident.Clip{}
	features := map[string]audio.Features{}
	for i, r := range cast.Residents {
		part := fmt.Sprintf("intros %d", i%2)
		groups[part] = append(groups[part], r.Intro)
		features[r.Intro.File] = r.Voice
		for _, l := range r.Calls {
			groups["calls of "+r.Key] = append(groups["calls of "+r.Key], l.Clip)
		}
	}
	for _, r := range cast.Rooms {
		groups[r.Key] = append(groups[r.Key], r.Yield.Clip)
		for _, s := range r.Scenes {
			for _, l := range s.Lines {
				groups[r.Key] = append(groups[r.Key], l.Clip)
			}
		}
	}
	for name, clips := range groups {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, c := range clips {
				samples := decode(t, c)
				got := time.Duration(len(samples)) * time.Second / audio.Rate
				if (got - c.Duration()).Abs() > 50*time.Millisecond {
					t.Errorf("%s: %v long, the manifest says %v", c.File, got, c.Duration())
				}
				if l := audio.Loudness(samples); l < -22.5 || l > -19.5 {
					t.Errorf("%s: loudness %.1f dB", c.File, l)
				}
				if slices.Max(samples) > 0.999 || slices.Min(samples) < -0.999 {
					t.Errorf("%s clips", c.File)
				}
				if want, intro := features[c.File]; intro {
					if v, err := audio.Measure(samples); err != nil || v != want {
						t.Errorf("%s: the manifest says %+v, the intro %+v (%v)", c.File, want, v, err)
					}
				}
			}
		})
	}
}

func TestTheFolderHoldsWhatTheManifestSaysAndNoMore(t *testing.T) {
	cast := load(t)
	used := map[string]bool{resident.Manifest: true}
	use := func(c resident.Clip) {
		if used[c.File] {
			t.Errorf("%s is used twice", c.File)
		}
		used[c.File] = true
		if strings.TrimSpace(c.Text) == "" {
			t.Errorf("%s says nothing", c.File)
		}
	}
	for _, r := range cast.Residents {
		use(r.Intro)
		for _, l := range r.Calls {
			use(l.Clip)
		}
	}
	for _, r := range cast.Rooms {
		use(r.Yield.Clip)
		for _, s := range r.Scenes {
			for _, l := range s.Lines {
				use(l.Clip)
			}
		}
	}
	found, total := 0, int64(0)
	err := fs.WalkDir(os.DirFS("voices"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		found++
		if !used[path] {
			t.Errorf("nobody says voices/%s", path)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		total += info.Size()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found != len(used) {
		t.Errorf("%d files, %d in the manifest", found, len(used))
	}
	if total > 5<<20 {
		t.Errorf("the voices take %d bytes", total)
	}
}

func TestRoomsAreCastAndTalkForMinutes(t *testing.T) {
	cast := load(t)
	if len(cast.Rooms) != 4 {
		t.Fatalf("%d rooms", len(cast.Rooms))
	}
	where := map[string]string{}
	for _, room := range cast.Rooms {
		if n := len(room.Speakers) + 1; n < 3 || n > 5 {
			t.Errorf("%s: %d on seats", room.Key, n)
		}
		for _, key := range room.People() {
			r, known := cast.Resident(key)
			if !known || r.Language != room.Language {
				t.Errorf("%s: %q is unknown or speaks %q", room.Key, key, r.Language)
			}
			if where[key] != "" {
				t.Errorf("%s is in %s and %s", key, where[key], room.Key)
			}
			where[key] = room.Key
		}
		seated := append([]string{room.Host}, room.Speakers...)
		lines, length, spoke := 0, time.Duration(0), map[string]bool{}
		if !room.Scenes[0].First || !room.Scenes[len(room.Scenes)-1].Last {
			t.Errorf("%s has no beginning or no end", room.Key)
		}
		for _, s := range room.Scenes {
			for _, l := range s.Lines {
				if !slices.Contains(seated, l.Who) {
					t.Errorf("%s: %s speaks without a seat", room.Key, l.Who)
				}
				spoke[l.Who] = true
				lines++
				length += l.Duration() + time.Duration(l.PauseMS)*time.Millisecond
			}
		}
		if lines < 12 || length < 2*time.Minute {
			t.Errorf("%s: %d lines, %v", room.Key, lines, length)
		}
		if len(spoke) != len(seated) {
			t.Errorf("%s: only %d of %d speak", room.Key, len(spoke), len(seated))
		}
		t.Logf("%s: %d lines, %v", room.Key, lines, length.Round(time.Second))
	}
}

func TestWhoTakesCallsHasSomethingToSay(t *testing.T) {
	cast := load(t)
	least := map[resident.Kind]int{
		resident.Hello: 1, resident.Made: 1, resident.Ask: 6, resident.Story: 5, resident.React: 8, resident.Quiet: 3, resident.Muted: 1,
		resident.Again: 1, resident.Wish: 1, resident.More: 1, resident.Minute: 2, resident.Bye: 2,
	}
	longest := map[resident.Kind]int{resident.React: 3500, resident.Ask: 8000, resident.Bye: 8500, resident.Minute: 7000} // ms; others 18 s
	machine := map[string]string{"en": "machine", "it": "macchina|sintetica", "zh": "机器"}
	text := map[string]string{}
	for _, key := range cast.Callers() {
		r, _ := cast.Resident(key)
		count, length := map[resident.Kind]int{}, time.Duration(0)
		for _, s := range r.Calls {
			count[s.Kind]++
			length += s.Duration()
			if text[s.Text] != "" {
				t.Errorf("%s and %s say the same: %s", text[s.Text], key, s.Text)
			}
			text[s.Text] = key
			if han := regexp.MustCompile(`\p{Han}`).MatchString(s.Text); han != (r.Language == "zh") {
				t.Errorf("%s speaks %s, and says %s", key, r.Language, s.Text)
			}
			if most := longest[s.Kind]; s.MS < 500 || s.MS > 18000 || most != 0 && s.MS > most {
				t.Errorf("%s: %d ms for %s", key, s.MS, s.Text)
			}
			switch s.Kind {
			case resident.Hello:
				if !strings.Contains(s.Text, r.Name) {
					t.Errorf("%s says hello without a name: %s", key, s.Text)
				}
			case resident.Made:
				if !regexp.MustCompile(machine[r.Language]).MatchString(s.Text) {
					t.Errorf("%s does not say who speaks: %s", key, s.Text)
				}
			}
		}
		for kind, n := range least {
			if count[kind] < n {
				t.Errorf("%s has %d lines of %s", key, count[kind], kind)
			}
		}
		if len(count) != len(least) {
			t.Errorf("%s: a kind that nobody knows: %v", key, count)
		}
		t.Logf("%s: %d lines, %v", key, len(r.Calls), length.Round(time.Second))
	}
}

func decode(t *testing.T, c resident.Clip) []float32 {
	t.Helper()
	data, err := c.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	rec, err := audio.Parse(data)
	if err != nil {
		t.Fatalf("%s: %v", c.File, err)
	}
	samples, err := rec.Samples()
	if err != nil {
		t.Fatalf("%s: %v", c.File, err)
	}
	return samples
}
