package httpapi

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"heyy/internal/account"
	"heyy/internal/fault"
)

// What may be sent that is no JSON, and how much of it.
const (
	soundLimit = 1 << 20
	soundTime  = 30 * time.Second
	imageLimit = 12 << 20
	imageTime  = 2 * time.Minute // a photo of a phone at a megabit a second
)

// sentAs says how much a request may send in how long, by what it says it
// sends; a type is refused later where it does not belong. From nobody, nothing
// large is taken.
func sentAs(r *http.Request) (json bool, limit int64, within time.Duration) {
	if session(r.Context()) == nil {
		return true, bodyLimit, bodyTime
	}
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch media = strings.ToLower(strings.TrimSpace(media)); {
	case media == soundType:
		return false, soundLimit, soundTime
	case strings.HasPrefix(media, "image/"):
		return false, imageLimit, imageTime
	}
	return true, bodyLimit, bodyTime
}

const soundType = "audio/ogg"

// sending counts the uploads of each person that come in now.
type sending struct {
	mu  sync.Mutex
	now map[account.ID]int
}

const sendingMost = 2

var errSending = fault.New(fault.TooMany, "upload.busy", "Two uploads at a time. Wait for the others.")

func (s *sending) begin(who account.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now[who] == sendingMost {
		return false
	}
	if s.now == nil {
		s.now = map[account.ID]int{}
	}
	s.now[who]++
	return true
}

func (s *sending) end(who account.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now[who]--; s.now[who] == 0 {
		delete(s.now, who)
	}
}

// sound is a recording as the whole body of a request.
type sound struct {
	RawBody []byte `contentType:"audio/ogg"`
}

// image is a picture as the whole body of a request.
type image struct {
	RawBody []byte `contentType:"image/jpeg"`
}
