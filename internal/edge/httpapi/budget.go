package httpapi

import (
	"errors"
	"hash/maphash"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// What one person may cost. Nobody who uses the client comes near these: they
// bound what a program with an account can do to the machine and to others.
// They are kept in this process, for those seen last; what must be exact is
// counted in rows.
const (
	commandsBurst, commandsEvery = 300, time.Second // that pass their checks
	readsBurst, readsEvery       = 600, 100 * time.Millisecond
	peopleBurst, peopleEvery     = 500, 8 * time.Second // cards of people not seen lately
	photosBurst, photosEvery     = 20, 3 * time.Minute  // pictures to decode
	soundsBurst, soundsEvery     = 40, time.Minute      // recordings to decode
	voicesBurst, voicesEvery     = 60, 15 * time.Second // voice messages to decode
	reportsBurst, reportsEvery   = 15, 96 * time.Minute // 30 in the first day
	requestsBurst, requestsEvery = 15, time.Hour        // chats to begin
	followsBurst, followsEvery   = 100, time.Minute     // each tells the other
	cardsBurst, cardsEvery       = 30, 2 * time.Minute  // offers of a card: the same
	previewBurst, previewEvery   = 30, 2 * time.Minute  // rooms to preview
	againBurst, againEvery       = 3, 5 * time.Minute   // the same room
	reactBurst, reactEvery       = 10, time.Second      // emoji shown in a room
	captionBurst, captionEvery   = 10, time.Second      // lines of captions: everybody inside is told
	movesBurst, movesEvery       = 30, 5 * time.Second  // hands and seats: everybody inside is told
	micsBurst, micsEvery         = 60, time.Second      // microphones opened: the same
	feedsBurst, feedsEvery       = 30, 10 * time.Second // readings of a calendar: most of a megabyte each
	keptBurst, keptPerSecond     = 1 << 20, 300         // bytes of replies; 26 MB a day

	keptMost   = 32 << 10 // one reply
	recentMost = 256      // people whose card was read lately
	budgetMost = 10_000   // persons
)

var (
	// ErrTooFast refuses who asks too often.
	ErrTooFast     = fault.New(fault.TooMany, "rate.limited", "That was a lot at once. Wait a minute and try again.")
	errManyPhotos  = fault.New(fault.TooMany, "photo.too_many_tries", "You've sent a lot of photos. Try again in an hour.")
	errManySounds  = fault.New(fault.TooMany, "voice.too_many_tries", "You've sent a lot of recordings. Try again in an hour.")
	errManyVoices  = fault.New(fault.TooMany, "message.voice_too_many", "You've sent a lot of voice messages. Wait a minute and try again.")
	errManyReports = fault.New(fault.TooMany, "report.too_many", "You've sent a lot of reports today. You can still block people.")
	errManyBegun   = fault.New(fault.TooMany, "chat.begun_many", "You've written to a lot of new people today. Try again in an hour.")
	errManyPreview = fault.New(fault.TooMany, "listen.previews_spent", "You've listened in enough. Join the room to hear more.")
	errManyReact   = fault.New(fault.TooMany, "room.reactions_many", "That was a lot at once. Wait a moment.")
	errManyCaption = fault.New(fault.TooMany, "room.captions_many", "That was a lot at once. Wait a moment.")
	errManyFollows = fault.New(fault.TooMany, "follow.too_many_tries", "You've followed a lot of people. Try again in an hour.")
	errManyCards   = fault.New(fault.TooMany, "card.too_many_tries", "You've offered your card to a lot of people. Try again in an hour.")
	// ErrBusy refuses what too many do at once.
	ErrBusy = fault.New(fault.Unavailable, "server.busy", "There's a lot going on right now. Try again in a moment.")
)

// retryAfter is how many seconds a client should wait, by the code it is told.
var retryAfter = map[string]string{"rate.limited": "60", "message.voice_too_many": "60", "message.voice_day": "3600", "message.text_day": "3600", "photo.too_many_tries": "3600", "voice.too_many_tries": "3600", "report.too_many": "5760", "chat.begun_many": "3600", "follow.too_many_tries": "3600", "card.too_many_tries": "3600", "listen.previews_spent": "300", "room.pin_spent": "3600", "room.pin_network": "3600", "room.reactions_many": "2", "room.captions_many": "2", "room.chat_flood": "10", "server.busy": "5", "upload.busy": "5"}

// budget is what is left to one person.
type budget struct {
	commands, reads, people, photos, sounds, voices, reports, requests, follows, cards, previews, reactions, captions, moves, mics, feeds, kept *rate.Limiter

	mu     sync.Mutex
	recent *lru.Cache[uint64, struct{}]
}

// Budgets holds a rate-limit budget for each person. Its methods take from it, and fail
// when it is spent.
type Budgets struct {
	of     *lru.Cache[account.ID, *budget]
	guests *lru.Cache[string, *rate.Limiter] // by network, see takeGuest
	again  *lru.Cache[string, *rate.Limiter] // by person and room, see TakePreview
	seed   maphash.Seed
}

func newBudgets() *Budgets {
	of, err := lru.New[account.ID, *budget](budgetMost)
	guests, failed := lru.New[string, *rate.Limiter](guestsMost)
	again, broken := lru.New[string, *rate.Limiter](budgetMost)
	if err = errors.Join(err, failed, broken); err != nil {
		panic(err) // only for a size below 1
	}
	return &Budgets{of: of, guests: guests, again: again, seed: maphash.MakeSeed()}
}

func (b *Budgets) person(who account.ID) *budget {
	if p, ok := b.of.Get(who); ok {
		return p
	}
	p := &budget{
		commands:  rate.NewLimiter(rate.Every(commandsEvery), commandsBurst),
		reads:     rate.NewLimiter(rate.Every(readsEvery), readsBurst),
		people:    rate.NewLimiter(rate.Every(peopleEvery), peopleBurst),
		photos:    rate.NewLimiter(rate.Every(photosEvery), photosBurst),
		sounds:    rate.NewLimiter(rate.Every(soundsEvery), soundsBurst),
		voices:    rate.NewLimiter(rate.Every(voicesEvery), voicesBurst),
		reports:   rate.NewLimiter(rate.Every(reportsEvery), reportsBurst),
		requests:  rate.NewLimiter(rate.Every(requestsEvery), requestsBurst),
		follows:   rate.NewLimiter(rate.Every(followsEvery), followsBurst),
		cards:     rate.NewLimiter(rate.Every(cardsEvery), cardsBurst),
		previews:  rate.NewLimiter(rate.Every(previewEvery), previewBurst),
		reactions: rate.NewLimiter(rate.Every(reactEvery), reactBurst),
		captions:  rate.NewLimiter(rate.Every(captionEvery), captionBurst),
		moves:     rate.NewLimiter(rate.Every(movesEvery), movesBurst),
		mics:      rate.NewLimiter(rate.Every(micsEvery), micsBurst),
		feeds:     rate.NewLimiter(rate.Every(feedsEvery), feedsBurst),
		kept:      rate.NewLimiter(keptPerSecond, keptBurst),
	}
	if before, had, _ := b.of.PeekOrAdd(who, p); had {
		return before
	}
	return p
}

// takeRequest takes one request from who's share.
func (b *Budgets) takeRequest(who account.ID, command bool) error {
	p := b.person(who)
	share := p.reads
	if command {
		share = p.commands
	}
	if !share.Allow() {
		return ErrTooFast
	}
	return nil
}

// TakeLink takes one request from the share of those who have a link that acts for who, as
// each mail of notifications has one. It is not who's own: mails are passed on.
func (b *Budgets) TakeLink(who account.ID, command bool) error {
	return b.takeRequest("link:"+who, command)
}

// TakeFeed takes one reading of who's calendar from the share of those who have its address. A
// calendar program asks once an hour; a few devices share an address.
func (b *Budgets) TakeFeed(who account.ID) error {
	if !b.person("link:" + who).feeds.Allow() {
		return ErrTooFast
	}
	return nil
}

// TakePhoto takes one picture from who's share.
func (b *Budgets) TakePhoto(who account.ID) error {
	if !b.person(who).photos.Allow() {
		return errManyPhotos
	}
	return nil
}

// TakeRecording takes one recording from who's share.
func (b *Budgets) TakeRecording(who account.ID) error {
	if !b.person(who).sounds.Allow() {
		return errManySounds
	}
	return nil
}

// TakeVoice takes one voice message from who's share.
func (b *Budgets) TakeVoice(who account.ID) error {
	if !b.person(who).voices.Allow() {
		return errManyVoices
	}
	return nil
}

// TakeReport takes one report from who's share, whoever it is about and whatever
// comes of it: rows are not counted, as which reports leave one tells who is there.
func (b *Budgets) TakeReport(who account.ID) error {
	if !b.person(who).reports.Allow() {
		return errManyReports
	}
	return nil
}

// TakeRequest takes one chat to begin from who's share, whoever it is with and whatever comes
// of it.
func (b *Budgets) TakeRequest(who account.ID) error {
	if !b.person(who).requests.Allow() {
		return errManyBegun
	}
	return nil
}

// TakeFollow takes one follow from who's share.
func (b *Budgets) TakeFollow(who account.ID) error {
	if !b.person(who).follows.Allow() {
		return errManyFollows
	}
	return nil
}

// TakeCard takes one offer of a card from who's share.
func (b *Budgets) TakeCard(who account.ID) error {
	if !b.person(who).cards.Allow() {
		return errManyCards
	}
	return nil
}

// TakePreview takes one preview of a room from who's share: previews without end would be
// listening that nobody in the room can see.
func (b *Budgets) TakePreview(who account.ID, room string) error {
	again := limiter(b.again, string(who)+" "+room, againEvery, againBurst)
	if !again.Allow() || !b.person(who).previews.Allow() {
		return errManyPreview
	}
	return nil
}

// TakeReaction takes one emoji shown in a room from who's share.
func (b *Budgets) TakeReaction(who account.ID) error {
	if !b.person(who).reactions.Allow() {
		return errManyReact
	}
	return nil
}

// TakeCaption takes one line of captions from who's share.
func (b *Budgets) TakeCaption(who account.ID) error {
	if !b.person(who).captions.Allow() {
		return errManyCaption
	}
	return nil
}

// TakeMove takes one change of a hand or a seat from who's share: a room of thousands is told of
// each.
func (b *Budgets) TakeMove(who account.ID) error {
	if !b.person(who).moves.Allow() {
		return ErrTooFast
	}
	return nil
}

// TakeMicrophone takes one opening of a microphone from who's share. Closing one is never refused.
func (b *Budgets) TakeMicrophone(who account.ID) error {
	if !b.person(who).mics.Allow() {
		return ErrTooFast
	}
	return nil
}

// TakeCards takes the cards of those from viewer's share that viewer has not seen
// lately: looking at the same people again costs nothing.
func (b *Budgets) TakeCards(viewer account.ID, seen ...account.ID) error {
	p := b.person(viewer)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.recent == nil {
		var err error
		if p.recent, err = lru.New[uint64, struct{}](recentMost); err != nil {
			return err
		}
	}
	fresh := 0
	for _, who := range seen {
		if who != viewer && !p.recent.Contains(maphash.String(b.seed, string(who))) {
			fresh++
		}
	}
	if !p.people.AllowN(time.Now(), fresh) {
		return ErrTooFast
	}
	for _, who := range seen {
		p.recent.Add(maphash.String(b.seed, string(who)), struct{}{})
	}
	return nil
}

// takeReply takes a reply from who's share of what is kept. Without it a retry is
// told that the command took effect.
func (b *Budgets) takeReply(who account.ID, bytes int) bool {
	return bytes <= keptMost && b.person(who).kept.AllowN(time.Now(), bytes)
}
