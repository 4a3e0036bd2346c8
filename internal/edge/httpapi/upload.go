package httpapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"golang.org/x/sync/semaphore"

	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// What may be sent that is no JSON, and how much of it.
const (
	soundLimit = 1 << 20
	formLimit  = soundLimit + bodyLimit // a recording and the fields beside it
	imageLimit = 12 << 20
)

// sentAs says how much a request may send: by what it says it sends, and no more
// than its operation takes. A type is refused later where it does not belong.
// From nobody, nothing large is taken.
func (a *API) sentAs(r *http.Request) (json bool, limit int64) {
	if Session(r.Context()) == nil {
		return true, bodyLimit
	}
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch media = strings.ToLower(strings.TrimSpace(media)); {
	case media == soundType:
		limit = soundLimit
	case media == formType:
		limit = formLimit
	case strings.HasPrefix(media, "image/"):
		limit = imageLimit
	default:
		return true, bodyLimit
	}
	takes := int64(bodyLimit)
	if h, _ := a.uploads.Handler(r); h != nil {
		if u, ok := h.(takesUpload); ok {
			takes = u.limit
		}
	}
	return false, min(limit, takes)
}

// takesUpload stands in the routes of API.uploads for an operation that takes
// more than commands do.
type takesUpload struct {
	http.Handler
	limit int64
}

// uploadLimit is how much an operation with the input in takes, of what is no
// JSON; 0: nothing.
func uploadLimit(in reflect.Type) int64 {
	for _, kind := range []struct {
		of    reflect.Type
		limit int64
	}{{reflect.TypeFor[Sound](), soundLimit}, {reflect.TypeFor[SoundForm](), formLimit}, {reflect.TypeFor[Image](), imageLimit}} {
		if in == kind.of {
			return kind.limit
		}
		if in.Kind() != reflect.Struct {
			continue
		}
		if f, ok := in.FieldByName(kind.of.Name()); ok && f.Type == kind.of {
			return kind.limit
		}
	}
	return 0
}

const (
	soundType = "audio/ogg"
	formType  = "multipart/form-data"
)

// sending counts the uploads of each person that come in now.
type sending struct {
	mu  sync.Mutex
	now map[account.ID]int
}

const sendingMost = 2

var errSending = fault.New(fault.TooMany, "upload.busy", "Two uploads are still running. Wait until one is done.")

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

// held bounds the memory of all uploads together, from before their first byte
// until their answer; that of one account to a quarter, and that of one network
// to a half, but never to less than the largest upload.
type held struct {
	room               *semaphore.Weighted
	ofEach, ofNetworks int64

	mu       sync.Mutex
	accounts map[account.ID]int64
	networks map[string]int64
}

const (
	heldMost = 96 << 20 // bytes: eight of the largest, or a hundred of what the client sends
	heldTime = 10 * time.Second
)

var heldNow = promauto.NewGauge(prometheus.GaugeOpts{Name: "heyy_upload_bytes", Help: "Memory set aside for uploads."})

func newHeld(most int64) *held {
	if most == 0 {
		most = heldMost
	}
	return &held{
		room: semaphore.NewWeighted(most), ofEach: max(most/4, imageLimit), ofNetworks: max(most/2, imageLimit),
		accounts: map[account.ID]int64{}, networks: map[string]int64{},
	}
}

// space is what one upload has of held.
type space struct {
	of      *held
	who     account.ID
	network string // empty: only this machine can come in, and no network has a share
	size    int64
}

func (h *held) begin(who account.ID, network string) *space {
	return &space{of: h, who: who, network: network}
}

// grow makes it size bytes. Who comes and finds no room waits, and not for long.
// Who has some already does not wait for more, or all could wait for each other.
func (s *space) grow(ctx context.Context, size int64) error {
	more := size - s.size
	if !s.share(more) {
		return ErrBusy
	}
	if s.size == 0 {
		within, stop := context.WithTimeout(ctx, heldTime)
		defer stop()
		if err := s.of.room.Acquire(within, more); err != nil {
			s.unshare(more)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return ErrBusy
		}
	} else if !s.of.room.TryAcquire(more) {
		s.unshare(more)
		return ErrBusy
	}
	s.size = size
	heldNow.Add(float64(more))
	return nil
}

func (s *space) free() {
	if s.size == 0 {
		return
	}
	s.of.room.Release(s.size)
	s.unshare(s.size)
	heldNow.Sub(float64(s.size))
}

// share takes bytes from the shares of the account and of the network.
func (s *space) share(bytes int64) bool {
	h := s.of
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.accounts[s.who]+bytes > h.ofEach || s.network != "" && h.networks[s.network]+bytes > h.ofNetworks {
		return false
	}
	h.accounts[s.who] += bytes
	if s.network != "" {
		h.networks[s.network] += bytes
	}
	return true
}

func (s *space) unshare(bytes int64) {
	h := s.of
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.accounts[s.who] -= bytes; h.accounts[s.who] == 0 {
		delete(h.accounts, s.who)
	}
	if s.network == "" {
		return
	}
	if h.networks[s.network] -= bytes; h.networks[s.network] == 0 {
		delete(h.networks, s.network)
	}
}

// upload is a body that is no JSON, as it came. RawBody beside it is for the
// contract, and whether there is anything.
type upload struct{ data []byte }

// Data is the body.
func (u *upload) Data() []byte { return u.data }

// Resolve implements huma.Resolver.
func (u *upload) Resolve(ctx huma.Context) []error {
	u.data = sent(ctx.Context())
	return nil
}

// Sound is a recording as the whole body of a request.
type Sound struct {
	upload
	RawBody []byte `contentType:"audio/ogg"`
}

// Image is a picture as the whole body of a request.
type Image struct {
	upload
	RawBody []byte `contentType:"image/jpeg"`
}

// SoundForm is a recording with fields beside it as the body of a request.
type SoundForm struct {
	upload
	media   string
	RawBody []byte `contentType:"multipart/form-data"`
}

// SoundBody describes a SoundForm with these fields in the contract.
func SoundBody(fields map[string]*huma.Schema) *huma.RequestBody {
	all := map[string]*huma.Schema{soundPart: {Type: huma.TypeString, Format: "binary", Description: "Mono Ogg/Opus, up to 1 MiB"}}
	maps.Copy(all, fields)
	return &huma.RequestBody{Content: map[string]*huma.MediaType{formType: {Schema: &huma.Schema{
		Type: huma.TypeObject, Properties: all, Required: []string{soundPart}, AdditionalProperties: false,
	}}}}
}

// soundPart is the name of the part with the recording.
const soundPart = "audio"

// errForm refuses a form that is broken, or has a part that nobody asked for.
var errForm = fault.At("body", "request.invalid", "Send a form with a recording, and the other fields once at most.")

// Resolve implements huma.Resolver.
func (f *SoundForm) Resolve(ctx huma.Context) []error {
	f.media = ctx.Header("Content-Type")
	return f.upload.Resolve(ctx)
}

// Form returns the recording and the other fields of these names; one that was not sent is
// empty. Fault: request.invalid.
func (f *SoundForm) Form(names ...string) (sound []byte, fields map[string]string, err error) {
	_, params, err := mime.ParseMediaType(f.media)
	if err != nil || params["boundary"] == "" {
		return nil, nil, errForm
	}
	fields = map[string]string{}
	for r := multipart.NewReader(bytes.NewReader(f.data), params["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) && sound != nil {
			return sound, fields, nil
		}
		if err != nil {
			return nil, nil, errForm
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, errForm
		}
		name := part.FormName()
		_, twice := fields[name]
		switch {
		case name == soundPart && sound == nil:
			sound = data
		case slices.Contains(names, name) && !twice && len(data) <= bodyLimit && utf8.Valid(data):
			fields[name] = string(data)
		default:
			return nil, nil, errForm
		}
	}
}
