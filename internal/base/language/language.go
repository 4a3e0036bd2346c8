package language

import (
	"embed"
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// Fallback is the language used where a text is missing.
const Fallback = "en"

//go:embed texts/*.json
var files embed.FS

// Texts are the texts of one language.
type Texts struct {
	SignIn    Mail      `json:"sign_in"`
	NewDevice NewDevice `json:"new_device"`
	Digest    Digest    `json:"digest"`
	Card      Card      `json:"card"`
	Preview   Preview   `json:"preview"`

	Push map[string]Push `json:"push"` // by kind of notification, and its outcome: "call_ring_missed"
}

// Push holds the texts of a push notification. Placeholders: {name}, {n}, {detail}.
type Push struct {
	Title     string `json:"title"`
	Plain     string `json:"plain"`                // says nobody's name
	Named     string `json:"named,omitempty"`      // "": there is no name to say
	Many      string `json:"many,omitempty"`       // instead of several; "": they are never bundled
	NamedMany string `json:"named_many,omitempty"` // "": several are about different people

	Accept  string `json:"accept,omitempty"` // its buttons, if it is a question
	Decline string `json:"decline,omitempty"`
}

// NewDevice is the mail about a sign-in from a new device.
type NewDevice struct {
	Mail
	Time    string `json:"time"`    // layout of package time
	Unknown string `json:"unknown"` // instead of the name of a device
}

// Card has the texts of the note in a vCard. Placeholders: {date}, {room}, {list}.
type Card struct {
	Met    string            `json:"met"`
	MetIn  string            `json:"met_in"` // a room
	OpenTo string            `json:"open_to"`
	Comma  string            `json:"comma"`
	Open   map[string]string `json:"open"` // what somebody is open to, by its key
}

// Preview has what programs that show links say of a shared room. Placeholder: {names}.
type Preview struct {
	Plain string `json:"plain"` // nobody on stage lets their name be seen
	Named string `json:"named"`
	Comma string `json:"comma"`
}

// Digest is the mail that tells what waits. Its line {waiting} stands for a line of Waiting
// for each kind of notification, which Colon and Comma join to names.
type Digest struct {
	Mail
	Waiting map[string]Waiting `json:"waiting"`
	Colon   string             `json:"colon"`
	Comma   string             `json:"comma"`
}

// Waiting says how many of a kind wait. Placeholder: {n}.
type Waiting struct {
	One  string `json:"one,omitempty"` // "": as Many
	Many string `json:"many"`
}

// Mail is a mail template with placeholders such as {code}. The body is stored as lines, to
// keep the JSON files readable.
type Mail struct {
	Subject string   `json:"subject"`
	Lines   []string `json:"lines"`
}

// Text returns the body.
func (m Mail) Text() string { return strings.Join(m.Lines, "\n") + "\n" }

// All lists the tags of all languages: English first, the others sorted.
var All = tags()

var texts = read()

func tags() []string {
	all := slices.Sorted(maps.Keys(read()))
	return slices.Insert(slices.DeleteFunc(all, func(tag string) bool { return tag == Fallback }), 0, Fallback)
}

// read panics if an embedded file is invalid: that is a bug of the build, not a condition
// at run time.
func read() map[string]Texts {
	found, err := fs.Glob(files, "texts/*.json")
	if err != nil {
		panic(err)
	}
	all := make(map[string]Texts, len(found))
	for _, path := range found {
		data, err := files.ReadFile(path)
		if err != nil {
			panic(err)
		}
		var t Texts
		if err := json.Unmarshal(data, &t); err != nil {
			panic(path + ": " + err.Error())
		}
		all[strings.TrimSuffix(strings.TrimPrefix(path, "texts/"), ".json")] = t
	}
	return all
}

// Known reports whether the language with this tag is supported.
func Known(tag string) bool { return slices.Contains(All, tag) }

// In returns the texts of a language, with English for what is missing.
func In(tag string) Texts {
	t, ok := texts[tag]
	if !ok {
		return texts[Fallback]
	}
	if len(t.SignIn.Lines) == 0 || t.SignIn.Subject == "" {
		t.SignIn = texts[Fallback].SignIn
	}
	if len(t.NewDevice.Lines) == 0 || t.NewDevice.Subject == "" {
		t.NewDevice = texts[Fallback].NewDevice
	}
	if len(t.Digest.Lines) == 0 || t.Digest.Subject == "" {
		t.Digest = texts[Fallback].Digest
	}
	if t.Card.Met == "" {
		t.Card = texts[Fallback].Card
	}
	if t.Preview.Plain == "" {
		t.Preview = texts[Fallback].Preview
	}
	all := maps.Clone(texts[Fallback].Push)
	maps.Copy(all, t.Push)
	t.Push = all
	return t
}
