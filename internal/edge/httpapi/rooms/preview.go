package rooms

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	lru "github.com/hashicorp/golang-lru/v2"

	"heyy/internal/base/language"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/media/audio"
	"heyy/internal/media/aura"
)

// A picture of a shared room takes some 200 ms to draw, and anybody may ask.
const (
	picturesMost = 64 // kept; 200 KB each, or so
	drawsWaiting = 8  // at once; others are asked to come back
)

// previewsPath has the pages of rooms below it.
const previewsPath = "/rooms/"

// pictures draws the auras on the stage of shared rooms.
type pictures struct {
	kept    *lru.Cache[string, []byte]
	waiting chan struct{}
	pen     sync.Mutex // one after the other: drawing is worth one processor core at most
}

func newPictures() *pictures {
	kept, err := lru.New[string, []byte](picturesMost)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &pictures{kept: kept, waiting: make(chan struct{}, drawsWaiting)}
}

// png is the picture of a stage, and its name.
func (s *pictures) png(stage []PublicSpeaker) (png []byte, tag string, err error) {
	shown := shown(stage)
	name, err := json.Marshal(shown)
	if err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(append([]byte("1 "), name...)) // a new way of drawing wants a new first word
	tag = hex.EncodeToString(sum[:16])
	if png, ok := s.kept.Get(tag); ok {
		return png, tag, nil
	}
	select {
	case s.waiting <- struct{}{}:
		defer func() { <-s.waiting }()
	default:
		return nil, "", httpapi.ErrTooFast
	}
	s.pen.Lock()
	defer s.pen.Unlock()
	if png, ok := s.kept.Get(tag); ok {
		return png, tag, nil
	}
	looks := make([]aura.Look, len(shown))
	for i, a := range shown {
		looks[i] = aura.LookOfSeed(a.Seed, features(a))
	}
	if png, err = aura.ClusterPNG(looks); err == nil {
		s.kept.Add(tag, png)
	}
	return png, tag, err
}

// shown are the auras of a picture: of people who let theirs be seen before the rings of others.
// Those have no seed, so the picture is of nobody.
func shown(stage []PublicSpeaker) []PublicAura {
	all := make([]PublicAura, 0, aura.MaxCluster)
	for _, s := range stage {
		if s.Aura != nil && len(all) < aura.MaxCluster {
			all = append(all, *s.Aura)
		}
	}
	for range min(len(stage)-len(all), aura.MaxCluster-len(all)) {
		all = append(all, PublicAura{})
	}
	return all
}

// features are those of an aura; nil for somebody without an intro.
func features(a PublicAura) *audio.Features {
	if a.Voice == nil {
		return nil
	}
	return &audio.Features{PitchHz: a.Voice.PitchHz, Brightness: a.Voice.Brightness, Tempo: a.Voice.Tempo, Energy: a.Voice.Energy}
}

func (a *api) previewOperations() {
	pictures := newPictures()
	httpapi.Register(a.API, httpapi.Anyone, huma.Operation{
		OperationID: "see-public-room", Method: http.MethodGet, Path: "/api/rooms/{room}/public/picture",
		Summary: "The auras on the stage of a shared room, for programs that show links; any other is room.not_found", Responses: httpapi.Binary("1200 by 630 pixels", "image/png"),
	}, func(ctx context.Context, in *InRoom) (*huma.StreamResponse, error) {
		if err := a.TakeFromAnybody(ctx, false); err != nil {
			return nil, err
		}
		r, err := a.public(ctx, in.Room)
		if err != nil {
			return nil, err
		}
		png, tag, err := pictures.png(r.Stage)
		if err != nil {
			return nil, err
		}
		// No cache keeps it: a room that is not shared any more has none.
		return people.Send(bytes.NewReader(png), time.Time{}, people.Stored{Key: ".png", Tag: tag, Caching: "no-store"}, nil), nil
	})

	a.Previews(previewsPath, func(ctx context.Context, id string) (httpapi.Preview, error) {
		r, err := a.public(ctx, id)
		if err != nil {
			return httpapi.Preview{}, err
		}
		var names []string
		for _, s := range r.Stage {
			if s.Name != "" {
				names = append(names, s.Name)
			}
		}
		words := language.In(string(r.Language)).Preview
		says := words.Plain
		if len(names) > 0 {
			says = strings.ReplaceAll(words.Named, "{names}", strings.Join(names[:min(len(names), aura.MaxCluster)], words.Comma))
		}
		return httpapi.Preview{Title: r.Title, Description: says, Image: "/api/rooms/" + id + "/public/picture", Large: true}, nil
	})
}
