package httpapi

import (
	"heyy/internal/wire"
)

// Clip is something that somebody says in their own voice.
type Clip struct {
	Place  int    `json:"place" minimum:"0" maximum:"3" doc:"0 is the intro"`
	Prompt string `json:"prompt" doc:"Key of the card it answers"`
	URL    string `json:"url" doc:"A path on this server, for the asking person and five minutes; audio/ogg"`
	Ms     int    `json:"ms" doc:"How long it plays, in milliseconds"`
	Peaks  []int  `json:"peaks" doc:"64 levels, 0 to 255, over its length"`
}

// Photo is a photo that the asking person may see.
type Photo struct {
	ID       string `json:"id"`
	URL      string `json:"url" doc:"A path on this server, for the asking person and five minutes; image/jpeg"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	Blurhash string `json:"blurhash"`
}

// Wishes are whom somebody would like to meet. They hold both ways.
type Wishes struct {
	Meet         []string `json:"meet" maxItems:"10" maxLength:"100" doc:"woman, man, nonbinary"`
	From         int      `json:"from" doc:"Years, 18 at least"`
	To           int      `json:"to" doc:"Years, 120 at most"`
	Intents      []string `json:"intents" maxItems:"10" maxLength:"100" doc:"Only for these of one's own; none: any of them"`
	Languages    []string `json:"languages" maxItems:"100" maxLength:"100" doc:"Who speaks one of these; none: any in common"`
	Interests    []string `json:"interests" maxItems:"100" maxLength:"100" doc:"Who likes one of these; none: anything"`
	VerifiedOnly bool     `json:"verified_only" doc:"Only for those who are verified themselves"`
}

// WorkCard is what somebody shows of their work.
type WorkCard struct {
	Role    string   `json:"role" maxLength:"400"`
	Company string   `json:"company" maxLength:"400"`
	Links   []string `json:"links" maxItems:"10" maxLength:"1000" doc:"Up to three https addresses"`
	OpenTo  []string `json:"open_to" maxItems:"20" maxLength:"100" doc:"a_job, hiring, collaborating, mentoring, a_mentor, founding, investing, speaking, advice"`
}

// Region is where somebody is, coarsely: never a point, never a distance.
type Region struct {
	Name    string `json:"name" doc:"Of the largest town around"`
	Country string `json:"country" doc:"ISO 3166, of that town"`
	Size    string `json:"size" enum:"city,area,wide"`
	Where   string `json:"where,omitempty" enum:"same,nearby,farther" doc:"As seen from the asking person; missing when unknown"`
}

// Home is where the asking person said they live.
type Home struct {
	Region    *Region `json:"region,omitempty" doc:"What stands for their town; missing before they chose one"`
	Shown     *Region `json:"shown,omitempty" doc:"What others see; missing while too few people live around"`
	Next      *Region `json:"next,omitempty" doc:"Takes its place at next_at"`
	NextAt    int64   `json:"next_at,omitempty"`
	MovesLeft int     `json:"moves_left" doc:"Changes left today"`
}

// PersonCard is somebody as any member sees them who looks at them.
type PersonCard struct {
	wire.Person
	Pronouns  string    `json:"pronouns"`
	Language  string    `json:"language" enum:"en,it,zh"`
	Languages []string  `json:"languages" doc:"Spoken"`
	Interests []string  `json:"interests"`
	Clips     []Clip    `json:"clips" doc:"By place; 0 is the intro"`
	Work      *WorkCard `json:"work,omitempty"`
	Badges    []string  `json:"badges" doc:"verified, new_here, storyteller, polyglot"`
}

// Reason is why somebody is shown.
type Reason struct {
	Kind string   `json:"kind" enum:"interests,language,region,intent,voice,new"`
	Keys []string `json:"keys" doc:"Which ones, where there are several"`
}

// DiscoverCard is somebody who fits the asking person, and whom they fit.
type DiscoverCard struct {
	Person  PersonCard `json:"person"`
	Age     int        `json:"age" doc:"Years"`
	Intents []string   `json:"intents" doc:"Those the two have in common"`
	Region  *Region    `json:"region,omitempty"`
	Reasons []Reason   `json:"reasons" doc:"Up to three, the most telling first"`
}

// Deck is who comes next.
type Deck struct {
	Cards     []DiscoverCard `json:"cards"`
	LikesLeft int            `json:"likes_left" doc:"Within 24 hours; the same for everyone"`
	Bell      bool           `json:"bell" doc:"The asking person will be told when somebody new fits"`
	Thin      *Counts        `json:"thin,omitempty" doc:"There when fewer came than were asked for"`
}

// Counts are how many people wishes leave.
type Counts struct {
	People  int            `json:"people" doc:"With these wishes"`
	Without map[string]int `json:"without" doc:"With one of them dropped: meet, ages, intents, languages, interests, verified_only"`
	Relax   string         `json:"relax,omitempty" doc:"The wish whose dropping helps most, when few are left"`
}

// Chosen is what came of a choice.
type Chosen struct {
	Match     *Match `json:"match,omitempty" doc:"Both like each other"`
	LikesLeft int    `json:"likes_left"`
}

// Undone is whom the choice was about that was taken back.
type Undone struct {
	PersonID string `json:"person_id"`
}

// Match is somebody whom the asking person likes, and who likes them.
type Match struct {
	Person  PersonCard `json:"person"`
	Age     int        `json:"age" doc:"Years"`
	Intents []string   `json:"intents"`
	Region  *Region    `json:"region,omitempty"`
	At      int64      `json:"at"`
	Reveal  Reveal     `json:"reveal"`
}

// Reveal is how far two people have come in showing each other their photos.
type Reveal struct {
	Mine     bool    `json:"mine" doc:"The asking person has offered theirs"`
	Theirs   bool    `json:"theirs" doc:"The other has offered theirs"`
	OpenedAt int64   `json:"opened_at,omitempty" doc:"Both have: from this moment on both see"`
	Photos   []Photo `json:"photos" doc:"The other's, while open"`
}

// Matches are all of a person, the last first.
type Matches struct {
	Matches []Match `json:"matches"`
}

// Town is a town to choose as home.
type Town struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Area    string `json:"area"`
	Country string `json:"country" doc:"ISO 3166"`
}

// Towns are those found, the best first.
type Towns struct {
	Towns []Town `json:"towns"`
}

// Verification is where the asking person stands with proving who they are.
type Verification struct {
	State     string   `json:"state" enum:"none,started,waiting,approved,declined"`
	ID        string   `json:"id,omitempty" doc:"Of the task, while started"`
	Phrase    []string `json:"phrase,omitempty" doc:"Keys of the words to say"`
	Pose      string   `json:"pose,omitempty" doc:"Key of the pose to take"`
	ExpiresAt int64    `json:"expires_at,omitempty"`
	Said      bool     `json:"said" doc:"The words are in"`
	Posed     bool     `json:"posed" doc:"The selfie is in"`
	Why       string   `json:"why,omitempty" doc:"Key of the reason, when declined"`
}

// People are persons in passing.
type People struct {
	People []wire.Person `json:"people"`
}
