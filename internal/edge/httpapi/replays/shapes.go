package replays

import (
	"heyy/internal/edge/apitypes"
	"heyy/internal/people/account"
	"heyy/internal/rooms/replay"
)

// Recording says whether the voice of the asking person is kept.
type Recording struct {
	Keep     bool `json:"keep"`
	Answered bool `json:"answered" doc:"False: they have not been asked, and nothing is kept"`
}

// Replay is a replay as the asking person sees it.
type Replay struct {
	ID          string            `json:"id" doc:"That of its room"`
	Title       string            `json:"title"`
	Category    apitypes.Category `json:"category"`
	Language    apitypes.Language `json:"language"`
	Access      string            `json:"access" enum:"open,followers,club,link,pin"`
	Club        *apitypes.InClub  `json:"club,omitempty"`
	Host        apitypes.Person   `json:"host"`
	State       string            `json:"state" enum:"draft,published"`
	BeganAt     int64             `json:"began_at" doc:"When the room opened; all times of the replay count from here"`
	PublishedAt int64             `json:"published_at,omitempty"`
	ExpiresAt   int64             `json:"expires_at" doc:"When it is deleted; a draft unless it is published"`
	Days        int               `json:"days" doc:"How long it is kept once it is published"`
	Ms          int64             `json:"ms" doc:"From the first word to the last"`
	Speakers    []apitypes.Person `json:"speakers" doc:"Those whose voice is in it"`
	Keeps       bool              `json:"keeps,omitempty" doc:"The voice of the asking person may be in it"`
	Hosts       bool              `json:"hosts,omitempty" doc:"The asking person is its host"`
	Mark        int64             `json:"mark,omitempty" doc:"How far the asking person has listened, in milliseconds since the beginning"`
}

// Replays is a page of a list of replays.
type Replays struct {
	Replays []Replay `json:"replays"`
	Next    string   `json:"next,omitempty"`
}

// ReplayPart is what one speaker said in one go.
type ReplayPart struct {
	ID     string `json:"id"`
	Person string `json:"person" doc:"One of the speakers"`
	At     int64  `json:"at" doc:"Milliseconds since the beginning"`
	Ms     int64  `json:"ms"`
}

// ReplayLine is what stands beside the voices at one moment.
type ReplayLine struct {
	ID     string           `json:"id"`
	Kind   string           `json:"kind" enum:"chat,link,chapter"`
	At     int64            `json:"at" doc:"Milliseconds since the beginning"`
	Text   string           `json:"text"`
	Person *apitypes.Person `json:"person,omitempty" doc:"Who wrote it, of the chat"`
	Yours  bool             `json:"yours,omitempty" doc:"The asking person may take it out"`
}

// ReplayPage is a replay with its parts and lines, in order.
type ReplayPage struct {
	Replay
	Parts []ReplayPart `json:"parts"`
	Lines []ReplayLine `json:"lines"`
}

func toReplay(r replay.Replay, viewer account.ID, people apitypes.People) Replay {
	out := Replay{
		ID: string(r.ID), Title: r.Title, Category: apitypes.Category(r.Category), Language: apitypes.Language(r.Language), Access: string(r.Access),
		Host: apitypes.ToPerson(people[r.Host]), State: string(r.State), BeganAt: r.BeganAt.UnixMilli(), PublishedAt: apitypes.Millis(r.PublishedAt), ExpiresAt: apitypes.Millis(r.ExpiresAt),
		Days: r.KeepDays, Ms: r.Length.Milliseconds(), Speakers: []apitypes.Person{}, Keeps: r.Keeps, Hosts: r.Host == viewer, Mark: r.Mark.Milliseconds(),
	}
	if r.ClubName != "" {
		out.Club = &apitypes.InClub{ID: string(r.Club), Name: r.ClubName}
	}
	for _, who := range r.Speakers {
		if p, ok := people[who]; ok {
			out.Speakers = append(out.Speakers, apitypes.ToPerson(p))
		}
	}
	return out
}

func toLine(l replay.Line, viewer account.ID, people apitypes.People) ReplayLine {
	out := ReplayLine{ID: l.ID, Kind: string(l.Kind), At: l.At.Milliseconds(), Text: l.Text, Yours: l.Kind == replay.Chat && l.Account == viewer}
	if p, ok := people[l.Account]; ok && l.Kind == replay.Chat {
		who := apitypes.ToPerson(p)
		out.Person = &who
	}
	return out
}

func toPage(r replay.Replay, parts []replay.Part, lines []replay.Line, viewer account.ID, people apitypes.People) ReplayPage {
	out := ReplayPage{Replay: toReplay(r, viewer, people), Parts: make([]ReplayPart, len(parts)), Lines: make([]ReplayLine, len(lines))}
	for i, p := range parts {
		out.Parts[i] = ReplayPart{ID: p.ID, Person: string(p.Account), At: p.Start.Milliseconds(), Ms: p.Length.Milliseconds()}
	}
	for i, l := range lines {
		out.Lines[i] = toLine(l, viewer, people)
		out.Lines[i].Yours = out.Lines[i].Yours || out.Hosts
	}
	return out
}
