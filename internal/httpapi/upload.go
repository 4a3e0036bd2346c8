package httpapi

import (
	"net/http"
	"strings"
	"time"
)

// What may be sent that is no JSON, and how much of it.
const (
	soundLimit = 1 << 20
	imageLimit = 12 << 20
	uploadTime = 60 * time.Second
)

// sentAs says how much a request may send in how long, by what it says it
// sends; a type is refused later where it does not belong.
func sentAs(r *http.Request) (json bool, limit int64, within time.Duration) {
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch media = strings.ToLower(strings.TrimSpace(media)); {
	case media == soundType:
		return false, soundLimit, uploadTime
	case strings.HasPrefix(media, "image/"):
		return false, imageLimit, uploadTime
	}
	return true, bodyLimit, bodyTime
}

const soundType = "audio/ogg"

// imageTypes are what browsers call the images they send. What they really are
// is found out by looking.
var imageTypes = []string{"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "image/avif", "image/gif", "image/svg+xml"}

// sound is a recording as the whole body of a request.
type sound struct {
	RawBody []byte `contentType:"audio/ogg"`
}

// image is a picture as the whole body of a request.
type image struct {
	RawBody []byte `contentType:"image/jpeg"`
}
