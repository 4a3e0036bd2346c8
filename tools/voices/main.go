package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
	"golang.org/x/sync/errgroup"

	"heyy/internal/lab/resident"
	"heyy/internal/media/audio"
)

func main() {
	script := flag.String("script", "tools/voices/script.yaml", "what the residents are and say")
	out := flag.String("out", "internal/lab/resident/voices", "where the voices go; its old content is replaced")
	keep := flag.Bool("keep", false, "keep the recordings, and change only what nobody speaks: rooms, clubs, events")
	tones := flag.String("tones", "internal/lab/bot/tones", "where the test tones go")
	flag.Parse()
	if err := run(*script, *out, *tones, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "voices:", err)
		os.Exit(1)
	}
}

// play is script.yaml.
type play struct {
	Respell   map[string]string `yaml:"respell"`
	Residents []struct {
		Key       string   `yaml:"key"`
		Name      string   `yaml:"name"`
		BirthDate string   `yaml:"birth_date"`
		Gender    string   `yaml:"gender"`
		Language  string   `yaml:"language"`
		Interests []string `yaml:"interests"`
		Voice     speaker  `yaml:"voice"`
		Intro     string   `yaml:"intro"`
		Say       string   `yaml:"say"`
	} `yaml:"residents"`
	Rooms []struct {
		Key      string   `yaml:"key"`
		Title    string   `yaml:"title"`
		Category string   `yaml:"category"`
		Language string   `yaml:"language"`
		Shape    string   `yaml:"shape"`
		Hands    []string `yaml:"hands"`
		Club     *struct {
			Name    string   `yaml:"name"`
			About   string   `yaml:"about"`
			Rules   string   `yaml:"rules"`
			Members []string `yaml:"members"`
		} `yaml:"club"`
		Events []struct {
			Title    string   `yaml:"title"`
			About    string   `yaml:"about"`
			Shape    string   `yaml:"shape"`
			Zone     string   `yaml:"zone"`
			At       string   `yaml:"at"`
			Weekday  string   `yaml:"weekday"`
			Minutes  int      `yaml:"minutes"`
			Speakers []string `yaml:"speakers"`
			Goers    []string `yaml:"goers"`
		} `yaml:"events"`
		Host      string   `yaml:"host"`
		Speakers  []string `yaml:"speakers"`
		Listeners []string `yaml:"listeners"`
		Yield     line     `yaml:"yield"`
		Scenes    []struct {
			Name  string `yaml:"name"`
			First bool   `yaml:"first"`
			Last  bool   `yaml:"last"`
			Lines []line `yaml:"lines"`
		} `yaml:"scenes"`
	} `yaml:"rooms"`
	Calls []struct {
		Who   string `yaml:"who"`
		Lines []struct {
			Kind resident.Kind `yaml:"kind"`
			Text string        `yaml:"text"`
			Say  string        `yaml:"say"`
		} `yaml:"lines"`
	} `yaml:"calls"`
}

type line struct {
	Who   string `yaml:"who"`
	Text  string `yaml:"text"`
	Say   string `yaml:"say"`
	Pause int    `yaml:"pause"`
}

const usualPause = 450 // ms: people who like each other leave about this much

// job is one file to be made; done gets its length.
type job struct {
	who  speaker
	say  string
	clip *resident.Clip
	rate string // bit/s, as the encoder takes it
}

func run(script, out, tones string, keep bool) error {
	text, err := os.ReadFile(script)
	if err != nil {
		return err
	}
	var p play
	if err := yaml.UnmarshalWithOptions(text, &p, yaml.Strict()); err != nil {
		return fmt.Errorf("read %s: %w", script, err)
	}
	cast, jobs, err := p.cast()
	if err != nil {
		return err
	}
	if keep {
		return keepVoices(cast, jobs, out)
	}
	work, err := os.MkdirTemp("", "voices-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)

	made := filepath.Join(work, "made")
	var group errgroup.Group
	group.SetLimit(2)
	var mu sync.Mutex
	total := int64(0)
	for i, j := range jobs {
		group.Go(func() error {
			dir := filepath.Join(work, fmt.Sprint(i))
			target := filepath.Join(made, filepath.FromSlash(j.clip.File))
			if err := errors.Join(os.MkdirAll(dir, 0o755), os.MkdirAll(filepath.Dir(target), 0o755)); err != nil {
				return err
			}
			data, err := j.who.speak(dir, j.say, target, j.rate)
			if err != nil {
				return fmt.Errorf("%s: %w", j.clip.File, err)
			}
			rec, err := audio.Parse(data)
			if err != nil {
				return fmt.Errorf("%s: %w", j.clip.File, err)
			}
			j.clip.MS = int(rec.Duration().Round(time.Millisecond) / time.Millisecond)
			mu.Lock()
			total += int64(len(data))
			mu.Unlock()
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i := range cast.Residents {
		r := &cast.Residents[i]
		if r.Voice, err = measure(filepath.Join(made, r.Intro.File)); err != nil {
			return fmt.Errorf("measure %s: %w", r.Key, err)
		}
		fmt.Printf("%-8s %5.1f Hz  brightness %.2f  tempo %.2f  energy %.2f\n",
			r.Key, r.Voice.PitchHz, r.Voice.Brightness, r.Voice.Tempo, r.Voice.Energy)
	}
	if err := writeManifest(cast, made); err != nil {
		return err
	}
	if err := replace(made, out); err != nil {
		return err
	}
	fmt.Printf("%d clips, %d bytes\n", len(jobs), total)
	return makeTones(work, tones)
}

// cast is the manifest, but for what is only known once everything is spoken.
func (p play) cast() (*resident.Cast, []job, error) {
	cast := &resident.Cast{}
	speakers := map[string]speaker{}
	respell := map[string]*strings.Replacer{}
	var pairs []string
	for word, as := range p.Respell {
		pairs = append(pairs, word, as)
	}
	respell["en"] = strings.NewReplacer(pairs...)
	spoken := func(language, text, say string) string {
		if say == "" {
			say = text
		}
		if r := respell[language]; r != nil {
			say = r.Replace(say)
		}
		return say
	}
	// Jobs point into the cast, so it must have its final size before.
	cast.Residents = make([]resident.Resident, len(p.Residents))
	var jobs []job
	for i, r := range p.Residents {
		speakers[r.Key] = r.Voice
		cast.Residents[i] = resident.Resident{Key: r.Key, Name: r.Name, BirthDate: r.BirthDate, Gender: r.Gender, Language: r.Language, Interests: r.Interests,
			Intro: resident.Clip{Text: r.Intro, File: "intro/" + r.Key + ".opus"}}
		jobs = append(jobs, job{r.Voice, spoken(r.Language, r.Intro, r.Say), &cast.Residents[i].Intro, bitrate})
	}
	add := func(to *resident.Line, l line, language, file string) error {
		who, known := speakers[l.Who]
		if !known {
			return fmt.Errorf("%s: nobody is called %q", file, l.Who)
		}
		if l.Pause == 0 {
			l.Pause = usualPause
		}
		*to = resident.Line{Who: l.Who, PauseMS: l.Pause, Clip: resident.Clip{Text: l.Text, File: file}}
		jobs = append(jobs, job{who, spoken(language, l.Text, l.Say), &to.Clip, bitrate})
		return nil
	}
	cast.Rooms = make([]resident.Room, len(p.Rooms))
	for i, r := range p.Rooms {
		room := &cast.Rooms[i]
		*room = resident.Room{Key: r.Key, Title: r.Title, Category: r.Category, Language: r.Language,
			Shape: r.Shape, Hands: r.Hands, Club: (*resident.Club)(r.Club),
			Host: r.Host, Speakers: r.Speakers, Listeners: r.Listeners, Scenes: make([]resident.Scene, len(r.Scenes))}
		for _, e := range r.Events {
			room.Events = append(room.Events, resident.Event(e))
		}
		if err := add(&room.Yield, r.Yield, r.Language, r.Key+"/yield.opus"); err != nil {
			return nil, nil, err
		}
		for j, s := range r.Scenes {
			scene := &room.Scenes[j]
			*scene = resident.Scene{Name: s.Name, First: s.First, Last: s.Last, Lines: make([]resident.Line, len(s.Lines))}
			for k, l := range s.Lines {
				if err := add(&scene.Lines[k], l, r.Language, fmt.Sprintf("%s/%s-%d.opus", r.Key, s.Name, k+1)); err != nil {
					return nil, nil, err
				}
			}
		}
	}
	for _, c := range p.Calls {
		i := slices.IndexFunc(cast.Residents, func(r resident.Resident) bool { return r.Key == c.Who })
		if i < 0 {
			return nil, nil, fmt.Errorf("calls: nobody is called %q", c.Who)
		}
		r := &cast.Residents[i]
		r.Calls = make([]resident.Saying, len(c.Lines))
		count := map[resident.Kind]int{}
		for k, l := range c.Lines {
			count[l.Kind]++
			r.Calls[k] = resident.Saying{Kind: l.Kind, Clip: resident.Clip{Text: l.Text, File: fmt.Sprintf("calls/%s/%s-%d.opus", r.Key, l.Kind, count[l.Kind])}}
			jobs = append(jobs, job{speakers[r.Key], spoken(r.Language, l.Text, l.Say), &r.Calls[k].Clip, callRate})
		}
	}
	return cast, jobs, nil
}

// keepVoices writes the manifest for the recordings that there are. A new or changed line needs
// a run that speaks; a line that is gone leaves its file, which a test finds.
func keepVoices(cast *resident.Cast, jobs []job, out string) error {
	before, err := resident.Load()
	if err != nil {
		return err
	}
	spoken := before.Clips()
	for _, j := range jobs {
		was, known := spoken[j.clip.File]
		if !known || was.Text != j.clip.Text {
			return fmt.Errorf("%s has no recording of %q: run without -keep", j.clip.File, j.clip.Text)
		}
		j.clip.MS = was.MS
	}
	for i := range cast.Residents {
		r, _ := before.Resident(cast.Residents[i].Key)
		cast.Residents[i].Voice = r.Voice
	}
	return writeManifest(cast, out)
}

func writeManifest(cast *resident.Cast, dir string) error {
	manifest, err := json.MarshalIndent(cast, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, resident.Manifest), append(manifest, '\n'), 0o644)
}

func measure(file string) (audio.Features, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return audio.Features{}, err
	}
	rec, err := audio.Parse(data)
	if err != nil {
		return audio.Features{}, err
	}
	samples, err := rec.Samples()
	if err != nil {
		return audio.Features{}, err
	}
	return audio.Measure(samples)
}

// replace puts the files of from where those of to were, so that no file of an
// older script stays behind.
func replace(from, to string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o644)
	})
}
