package contract

import (
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/base/language"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/calls"
	"heyy/internal/edge/httpapi/moments"
	notifyapi "heyy/internal/edge/httpapi/notify"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/media/imaging"
	"heyy/internal/meet/call"
	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
	"heyy/internal/people/photo"
	"heyy/internal/people/profile"
	"heyy/internal/people/region"
	"heyy/internal/people/safety"
	"heyy/internal/people/verification"
	"heyy/internal/rooms/club"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/roomchat"
	"heyy/internal/rooms/schedule"
	"heyy/internal/talk/message"
	"heyy/internal/talk/moment"
	"heyy/internal/talk/notify"
	"heyy/internal/talk/presence"
	"heyy/internal/talk/search"
)

// Keys that only the contract names as types: lists of them are strings in the
// shapes, because the domain refuses an unknown one with a code of its own.
type (
	Intent         string
	Interest       string
	SpokenLanguage string
	WorkOffer      string
	Prompt         string
	DeclineReason  string
	SelfiePose     string
	PhraseWord     string
)

// vocabulary is every closed list of keys that a client must know, taken from
// the domain that owns it. Each becomes one named schema of the contract, and
// one list of web/src/api/vocabulary.gen.ts.
var vocabulary = []keys{
	keysOf[apitypes.Language](language.All),
	keysOf[apitypes.Category](room.Categories),
	keysOf[apitypes.RoomReaction](roomchat.Reactions),
	keysOf[people.Gender](append([]string{""}, profile.Genders...)),
	keysOf[Intent](profile.Intents),
	keysOf[Interest](profile.Interests),
	keysOf[SpokenLanguage](profile.Spoken),
	keysOf[WorkOffer](profile.OpenTo),
	keysOf[Prompt](profile.Prompts),
	keysOf[calls.CallPrivacy](matchmaking.CallPrivacies),
	keysOf[people.ReportReason](safety.Reasons),
	keysOf[DeclineReason](verification.Reasons),
	keysOf[SelfiePose](verification.Poses),
	keysOf[PhraseWord](verification.Words),
	keysOf[moments.MomentAudience](moment.Audiences),
	keysOf[people.PresenceMode](presence.Modes),
	keysOf[notifyapi.NotificationKind](notify.Kinds),
	keysOf[notifyapi.NotificationOutcome](notify.Outcomes),
}

// Limits are the numbers that texts of the client speak of, from the constants
// that act on them.
type Limits struct {
	AgeLeast             int `json:"ageLeast"`
	CodeMinutes          int `json:"codeMinutes"`
	NewDays              int `json:"newDays"`
	CallMinutes          int `json:"callMinutes"`
	CallExtensionMinutes int `json:"callExtensionMinutes"`
	CallAnswerSeconds    int `json:"callAnswerSeconds"`
	CallRingSeconds      int `json:"callRingSeconds"`
	CallReturnSeconds    int `json:"callReturnSeconds"`
	CallTasteSeconds     int `json:"callTasteSeconds"`
	IntroLeastSeconds    int `json:"introLeastSeconds"`
	IntroMostSeconds     int `json:"introMostSeconds"`
	ClipsMost            int `json:"clipsMost"`
	MoreClips            int `json:"moreClips"`
	InterestsMost        int `json:"interestsMost"`
	LanguagesMost        int `json:"languagesMost"`
	PhotosMost           int `json:"photosMost"`
	PhotoMegapixelsMost  int `json:"photoMegapixelsMost"`
	PhotoSideLeast       int `json:"photoSideLeast"`
	GuestSeats           int `json:"guestSeats"`
	MovesMost            int `json:"movesMost"`
	VerificationMinutes  int `json:"verificationMinutes"`
	VerificationTries    int `json:"verificationTries"`
	VerificationWords    int `json:"verificationWords"`
	NameMost             int `json:"nameMost"`
	PronounsMost         int `json:"pronounsMost"`
	WorkMost             int `json:"workMost"`
	LinkMost             int `json:"linkMost"`
	TitleMost            int `json:"titleMost"`
	EventAboutMost       int `json:"eventAboutMost"`
	EventDaysMost        int `json:"eventDaysMost"`
	EventMinutesAhead    int `json:"eventMinutesAhead"`
	EventStartMinutes    int `json:"eventStartMinutes"`
	EventRemindMinutes   int `json:"eventRemindMinutes"`
	ReplayDraftDays      int `json:"replayDraftDays"`
	ReplayHours          int `json:"replayHours"`
	ChapterMost          int `json:"chapterMost"`
	ClubNameMost         int `json:"clubNameMost"`
	ClubAboutMost        int `json:"clubAboutMost"`
	ClubRulesMost        int `json:"clubRulesMost"`
	ClubNoteMost         int `json:"clubNoteMost"`
	ClubUsesMost         int `json:"clubUsesMost"`
	NoteMost             int `json:"noteMost"`
	HandNoteMost         int `json:"handNoteMost"`
	RoomMessageMost      int `json:"roomMessageMost"`
	RoomLinkMost         int `json:"roomLinkMost"`
	PINLeast             int `json:"pinLeast"`
	PINMost              int `json:"pinMost"`
	StageSeats           int `json:"stageSeats"`
	UndoMinutes          int `json:"undoMinutes"`
	MessageMost          int `json:"messageMost"`
	EditMinutes          int `json:"editMinutes"`
	VoiceMinutes         int `json:"voiceMinutes"`
	RequestDays          int `json:"requestDays"`
	RequestsMost         int `json:"requestsMost"`
	OpenDays             int `json:"openDays"`
	QueryMost            int `json:"queryMost"` // of a search
	MomentSeconds        int `json:"momentSeconds"`
	MomentHours          int `json:"momentHours"`
	MomentsMost          int `json:"momentsMost"`
	MomentTextMost       int `json:"momentTextMost"`
}

var limits = Limits{
	AgeLeast:             account.MinAge,
	CodeMinutes:          whole(account.CodeTTL, time.Minute),
	NewDays:              whole(profile.NewFor, 24*time.Hour),
	CallMinutes:          whole(call.LiveTime, time.Minute),
	CallExtensionMinutes: whole(call.ExtendTime, time.Minute),
	CallAnswerSeconds:    whole(call.AnswerTime, time.Second),
	CallRingSeconds:      whole(call.RingTime, time.Second),
	CallReturnSeconds:    whole(call.AwayTime+time.Second, time.Second), // and the sweep's pace
	CallTasteSeconds:     whole(calls.TasteTime, time.Second),
	IntroLeastSeconds:    whole(profile.MinClip, time.Second),
	IntroMostSeconds:     whole(profile.MaxClip, time.Second),
	ClipsMost:            profile.ClipPlaces,
	MoreClips:            profile.ClipPlaces - 1,
	InterestsMost:        profile.MaxInterests,
	LanguagesMost:        profile.MaxLanguages,
	PhotosMost:           photo.MaxPhotos,
	PhotoMegapixelsMost:  imaging.MaxPixels / 1_000_000,
	PhotoSideLeast:       imaging.MinSide,
	GuestSeats:           room.Seats - 1,
	MovesMost:            region.MaxMoves,
	VerificationMinutes:  whole(verification.TaskTTL, time.Minute),
	VerificationTries:    verification.MaxTries,
	VerificationWords:    verification.PhraseWords,
	NameMost:             profile.MaxName,
	PronounsMost:         profile.MaxPronouns,
	WorkMost:             profile.MaxWork,
	LinkMost:             profile.MaxLink,
	TitleMost:            room.MaxTitle,
	EventAboutMost:       schedule.MaxAbout,
	EventDaysMost:        whole(schedule.MaxAhead, 24*time.Hour),
	EventMinutesAhead:    whole(schedule.MinAhead, time.Minute),
	EventStartMinutes:    whole(schedule.StartBefore, time.Minute),
	EventRemindMinutes:   whole(schedule.RemindSoon, time.Minute),
	ReplayDraftDays:      whole(replay.DraftTime, 24*time.Hour),
	ReplayHours:          whole(replay.MaxLength, time.Hour),
	ChapterMost:          replay.MaxChapter,
	ClubNameMost:         club.MaxName,
	ClubAboutMost:        club.MaxAbout,
	ClubRulesMost:        club.MaxRules,
	ClubNoteMost:         club.MaxNote,
	ClubUsesMost:         club.MaxUses,
	NoteMost:             safety.MaxNote,
	HandNoteMost:         room.MaxHandNote,
	PINLeast:             room.MinPIN,
	PINMost:              room.MaxPIN,
	RoomMessageMost:      roomchat.MaxText,
	RoomLinkMost:         room.MaxLink,
	StageSeats:           room.StageSeats,
	UndoMinutes:          whole(room.UndoTime, time.Minute),
	MessageMost:          message.MaxText,
	EditMinutes:          whole(message.EditTime, time.Minute),
	VoiceMinutes:         whole(message.MaxVoice, time.Minute),
	RequestDays:          whole(message.RequestTime, 24*time.Hour),
	RequestsMost:         message.MaxRequests,
	OpenDays:             whole(message.OpenTime, 24*time.Hour),
	QueryMost:            search.MaxQuery,
	MomentSeconds:        whole(moment.Max, time.Second),
	MomentHours:          whole(moment.TTL, time.Hour),
	MomentsMost:          moment.MaxLive,
	MomentTextMost:       moment.MaxText,
}

// whole is how many whole units a duration has.
func whole(d, unit time.Duration) int { return int(d / unit) }

// keys is one list of the vocabulary.
type keys struct {
	name     string
	of, from reflect.Type // the type in shapes, and the one that gives its schema
	all      []string
}

func keysOf[T ~string](all []string) keys {
	t := reflect.TypeFor[T]()
	return keys{name: t.Name(), of: t, from: reflect.TypeFor[key[T]](), all: all}
}

const schemas = "#/components/schemas/"

// key gives the schema of T: a reference to the named list.
type key[T ~string] string

func (key[T]) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Ref: schemas + reflect.TypeFor[T]().Name()}
}

// describe puts the vocabulary, the limits and the live events into the contract.
func describe(c *huma.OpenAPI) {
	for _, k := range vocabulary {
		s := &huma.Schema{Type: huma.TypeString, Enum: make([]any, len(k.all))}
		for i, one := range k.all {
			s.Enum[i] = one
		}
		s.PrecomputeMessages()
		c.Components.Schemas.Map()[k.name] = s
		c.Components.Schemas.RegisterTypeAlias(k.of, k.from)
	}
	groups := make([]map[string]any, len(profile.Tree))
	for i, g := range profile.Tree {
		groups[i] = map[string]any{"group": g.Key, "interests": g.Interests}
	}
	c.Extensions = map[string]any{"x-limits": limits, "x-interest-tree": groups, "x-chat-limits": message.Limits, "x-replay-days": replay.KeepDays}
	for _, e := range apitypes.Events {
		t := reflect.TypeOf(e)
		c.Components.Schemas.Schema(t, true, t.Name())
	}
}
