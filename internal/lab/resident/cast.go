package resident

import (
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"heyy/internal/media/audio"
)

//go:embed voices
var voices embed.FS

// Manifest is the file under voices/ that lists everything else there.
const Manifest = "residents.json"

// Cast is all residents and their rooms.
type Cast struct {
	Residents []Resident `json:"residents"`
	Rooms     []Room     `json:"rooms"`
}

// Resident is one resident. Key is stable; the name may change.
type Resident struct {
	Key       string         `json:"key"`
	Name      string         `json:"name"`
	BirthDate string         `json:"birth_date"` // YYYY-MM-DD
	Gender    string         `json:"gender"`
	Language  string         `json:"language"`
	Interests []string       `json:"interests"`
	Intro     Clip           `json:"intro"`
	Voice     audio.Features `json:"voice"` // measured on the intro
	Calls     []Saying       `json:"calls,omitempty"`
}

// Saying is a clip for calls, and its kind.
type Saying struct {
	Kind Kind `json:"kind"`
	Clip
}

// Kind is the purpose of a saying.
type Kind string

// Kinds of sayings. A resident who takes calls has some of each.
const (
	Hello  Kind = "hello"  // once both can hear
	Made   Kind = "made"   // what they are, in all honesty
	Ask    Kind = "ask"    // a question
	Story  Kind = "story"  // something of their own
	React  Kind = "react"  // after a word of the other
	Quiet  Kind = "quiet"  // when none comes
	Muted  Kind = "muted"  // the other's microphone is off
	Again  Kind = "again"  // the line is back
	Wish   Kind = "wish"   // they have asked for three more minutes
	More   Kind = "more"   // both have
	Minute Kind = "minute" // the last one has begun
	Bye    Kind = "bye"    // before the clock ends the call
)

// Clip is a text and the Ogg/Opus file in which it is spoken.
type Clip struct {
	Text string `json:"text"`
	File string `json:"file"` // under voices/
	MS   int    `json:"ms"`
}

// Room is one room of residents. Host and speakers take seats; listeners do not.
type Room struct {
	Key       string   `json:"key"`
	Title     string   `json:"title"`
	Category  string   `json:"category"`
	Language  string   `json:"language"`
	Shape     string   `json:"shape,omitempty"` // "stage", where the host lets people up; "": a lounge
	Hands     []string `json:"hands,omitempty"` // what listeners of a stage raise a hand about
	Club      *Club    `json:"club,omitempty"`  // that the host has founded, and whose room it is
	Events    []Event  `json:"events,omitempty"`
	Host      string   `json:"host"`
	Speakers  []string `json:"speakers"`
	Listeners []string `json:"listeners"`
	Yield     Line     `json:"yield"` // said when a person who is no resident sits down
	Scenes    []Scene  `json:"scenes"`
}

// Club is a club whose founder is the host of its room.
type Club struct {
	Name    string   `json:"name"`
	About   string   `json:"about"`
	Rules   string   `json:"rules"`
	Members []string `json:"members"` // beside the founder
}

// Event is what the host of a room plans: each evening anew, or each week on a day. While it
// lasts its room stands for the room of every day, with the same people and scenes.
type Event struct {
	Title    string   `json:"title"`
	About    string   `json:"about"`
	Shape    string   `json:"shape,omitempty"` // as of a Room
	Zone     string   `json:"zone"`            // IANA name of the time zone of At
	At       string   `json:"at"`              // HH:MM
	Weekday  string   `json:"weekday,omitempty"`
	Minutes  int      `json:"minutes"`
	Speakers []string `json:"speakers"`
	Goers    []string `json:"goers"`
}

// Scene is a self-contained part of a conversation. A round plays the First ones, then the
// others in random order, then the Last ones.
type Scene struct {
	Name  string `json:"name"`
	First bool   `json:"first,omitempty"`
	Last  bool   `json:"last,omitempty"`
	Lines []Line `json:"lines"`
}

// Line is a clip of one resident, followed by a silence of PauseMS.
type Line struct {
	Who string `json:"who"`
	Clip
	PauseMS int `json:"pause_ms"`
}

// Load reads the embedded cast.
func Load() (Cast, error) {
	data, err := voices.ReadFile("voices/" + Manifest)
	if err != nil {
		return Cast{}, fmt.Errorf("read the residents: %w", err)
	}
	var c Cast
	if err := json.Unmarshal(data, &c); err != nil {
		return Cast{}, fmt.Errorf("read the residents: %w", err)
	}
	return c, nil
}

// Resident returns a resident by key.
func (c Cast) Resident(key string) (Resident, bool) {
	for _, r := range c.Residents {
		if r.Key == key {
			return r, true
		}
	}
	return Resident{}, false
}

// Clips returns all clips by file.
func (c Cast) Clips() map[string]Clip {
	all := map[string]Clip{}
	for _, r := range c.Residents {
		all[r.Intro.File] = r.Intro
		for _, s := range r.Calls {
			all[s.File] = s.Clip
		}
	}
	for _, r := range c.Rooms {
		all[r.Yield.File] = r.Yield.Clip
		for _, s := range r.Scenes {
			for _, l := range s.Lines {
				all[l.File] = l.Clip
			}
		}
	}
	return all
}

// Bytes returns the clip's Ogg/Opus file.
func (c Clip) Bytes() ([]byte, error) {
	data, err := voices.ReadFile("voices/" + c.File)
	if err != nil {
		return nil, fmt.Errorf("read a resident's voice: %w", err)
	}
	return data, nil
}

// Duration returns the length of the clip.
func (c Clip) Duration() time.Duration { return time.Duration(c.MS) * time.Millisecond }

// People returns the keys of the room's host, speakers and listeners.
func (r Room) People() []string {
	all := append([]string{r.Host}, r.Speakers...)
	return append(all, r.Listeners...)
}
