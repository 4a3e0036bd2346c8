package httpapi

import (
	"net/http"
	"strings"
	"time"
)

// What may be sent that is no JSON, and how much of it.
const (
	soundLimit = 1 << 20
	soundTime  = 30 * time.Second
	imageLimit = 12 << 20
	imageTime  = 2 * time.Minute // a photo of a phone at a megabit a second
)

// sentAs says how much a request may send in how long, by what it says it
// sends; a type is refused later where it does not belong.
func sentAs(r *http.Request) (json bool, limit int64, within time.Duration) {
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

// sound is a recording as the whole body of a request.
type sound struct {
	RawBody []byte `contentType:"audio/ogg"`
}

// image is a picture as the whole body of a request.
type image struct {
	RawBody []byte `contentType:"image/jpeg"`
}
