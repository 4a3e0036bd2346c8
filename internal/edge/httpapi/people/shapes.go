package people

import (
	"heyy/internal/edge/apitypes"
	"heyy/internal/talk/message"
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

// Preferences are the filters of a person; a match passes those of both.
type Preferences struct {
	Meet         []string `json:"meet" maxItems:"10" maxLength:"100" doc:"Keys of Gender"`
	From         int      `json:"from" doc:"Years, 18 at least"`
	To           int      `json:"to" doc:"Years, 120 at most"`
	Intents      []string `json:"intents" maxItems:"10" maxLength:"100" doc:"Only for these of one's own; none: any of them"`
	Languages    []string `json:"languages" maxItems:"100" maxLength:"100" doc:"Who speaks one of these; none: any in common"`
	Interests    []string `json:"interests" maxItems:"100" maxLength:"100" doc:"Who likes one of these; none: anything"`
	VerifiedOnly bool     `json:"verified_only" doc:"Only for those who are verified themselves"`
}

// WorkCard is the professional part of a profile.
type WorkCard struct {
	Role    string   `json:"role" maxLength:"400"`
	Company string   `json:"company" maxLength:"400"`
	Links   []string `json:"links" maxItems:"10" maxLength:"1000" doc:"Up to three https addresses"`
	OpenTo  []string `json:"open_to" maxItems:"20" maxLength:"100" doc:"Keys of WorkOffer"`
}

// Region is a person's coarse location: never a point, never a distance.
type Region struct {
	Name    string `json:"name" doc:"Of the largest town around"`
	Country string `json:"country" doc:"ISO 3166, of that town"`
	Size    string `json:"size" enum:"city,area,wide"`
	Where   string `json:"where,omitempty" enum:"same,nearby,farther" doc:"As seen from the asking person; missing when unknown"`
}

// Home is the asking person's own region.
type Home struct {
	Region    *Region `json:"region,omitempty" doc:"What stands for their town; missing before they chose one"`
	Shown     *Region `json:"shown,omitempty" doc:"What others see; missing while too few people live around"`
	Next      *Region `json:"next,omitempty" doc:"Takes its place at next_at"`
	NextAt    int64   `json:"next_at,omitempty"`
	MovesLeft int     `json:"moves_left" doc:"Changes left today"`
}

// PersonCard is somebody as any member sees them who looks at them.
type PersonCard struct {
	apitypes.Person
	Pronouns  string            `json:"pronouns"`
	Language  apitypes.Language `json:"language"`
	Languages []string          `json:"languages" doc:"Spoken"`
	Interests []string          `json:"interests"`
	Clips     []Clip            `json:"clips" doc:"By place; 0 is the intro"`
	Work      *WorkCard         `json:"work,omitempty"`
	Badges    []string          `json:"badges" doc:"verified, new_here, storyteller, polyglot"`
	Chat      message.Way       `json:"chat,omitempty" enum:"there,direct,request" doc:"With the card alone: you have a chat, can begin one, can ask for one; none: they take no requests"`
}

// People is a page of persons.
type People struct {
	People []apitypes.Person `json:"people"`
	Next   string            `json:"next,omitempty" doc:"The before of the next page; missing on the last"`
}

// Gender is a key that only the contract names as a type.
type Gender string

// Me is the asking person, as only they see it.
type Me struct {
	ID            string            `json:"id"`
	Email         string            `json:"email" doc:"Empty for residents"`
	Complete      bool              `json:"complete" doc:"Has begun; before that nothing but /api/me/sign-up and signing out is open"`
	Onboarded     bool              `json:"onboarded" doc:"Through with onboarding, or put it off"`
	Name          string            `json:"name" doc:"Empty before the beginning"`
	Language      apitypes.Language `json:"language" doc:"en before the beginning"`
	BirthDate     string            `json:"birth_date" doc:"YYYY-MM-DD; empty before the beginning"`
	Age           int               `json:"age" doc:"Years; 0 before the beginning"`
	Passkeys      int               `json:"passkeys" doc:"How many there are"`
	Resident      bool              `json:"resident"`
	Gender        Gender            `json:"gender" doc:"Empty: not said"`
	Pronouns      string            `json:"pronouns"`
	Languages     []string          `json:"languages" doc:"Spoken"`
	Interests     []string          `json:"interests"`
	Intents       []string          `json:"intents" doc:"Keys of Intent"`
	Preferences   Preferences       `json:"preferences"`
	Work          *WorkCard         `json:"work,omitempty"`
	Voice         *apitypes.Voice   `json:"voice,omitempty"`
	Clips         []Clip            `json:"clips" doc:"By place; 0 is the intro"`
	Photos        []Photo           `json:"photos" doc:"Hidden from everybody until revealed"`
	Home          Home              `json:"home"`
	Verified      bool              `json:"verified"`
	Paused        bool              `json:"paused" doc:"Not in Discover, by own wish"`
	Public        bool              `json:"public" doc:"People without an account see name and aura where this person speaks in a shared room"`
	Presence      PresenceSettings  `json:"presence"`
	ReadMarks     bool              `json:"read_marks" doc:"Shows others how far they have read, and sees it of them"`
	ReadMarksFrom int64             `json:"read_marks_from,omitempty" doc:"When that begins again, a day after it was chosen; none: it is so"`
	Requests      bool              `json:"requests" doc:"Takes messages of people without a match"`
	ChatLimit     int               `json:"chat_limit" doc:"Open chats at a time; 0: as many as come"`
	Needs         []string          `json:"needs" doc:"What is missing before Discover opens: gender, meet, intents, languages, interests, home, intro; in the order to ask. home does not keep it shut."`
	Shown         bool              `json:"shown" doc:"In Discover now"`
	Badges        []string          `json:"badges"`
}

// PresenceMode is a key of presence.Modes.
type PresenceMode string

// PresenceSettings: the asking person's mode, and whether rooms show.
type PresenceSettings struct {
	Mode      PresenceMode `json:"mode"`
	Until     int64        `json:"until,omitempty" doc:"The end of do_not_disturb, within seven days; none: until it is switched off"`
	ShowRooms bool         `json:"show_rooms" doc:"Friends see in which room you are, if they may join it"`
}
