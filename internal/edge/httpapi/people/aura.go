package people

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"golang.org/x/time/rate"

	"heyy/internal/edge/httpapi"
	"heyy/internal/media/aura"
	"heyy/internal/people/account"
)

// An aura is drawn once for what it shows: drawing takes up to 35 ms, and
// anybody may ask.
const (
	aurasMost  = 512 // kept; 20 KB each, or so
	drawsBurst = 60  // that are not kept yet, of one address
	drawsEvery = time.Second
)

// auraSizes are few, so that asking for one more pixel gets what is there.
var auraSizes = []int{64, 128, 256, aura.MaxSize}

var drawn = promauto.NewCounter(prometheus.CounterOpts{Name: "heyy_auras_drawn_total", Help: "Auras drawn, not taken from those kept."})

type auras struct {
	kept   *lru.Cache[string, []byte]
	pen    sync.Mutex
	shares *lru.Cache[netip.Prefix, *rate.Limiter]
}

func newAuras() *auras {
	kept, err := lru.New[string, []byte](aurasMost)
	if err != nil {
		panic(err) // only for a size below 1
	}
	shares, err := lru.New[netip.Prefix, *rate.Limiter](10_000)
	if err != nil {
		panic(err)
	}
	return &auras{kept: kept, shares: shares}
}

// png is the picture of look for who asks from an address, and its name.
func (s *auras) png(look aura.Look, size int, from netip.Addr) (png []byte, tag string, err error) {
	for _, n := range auraSizes {
		if size <= n {
			size = n
			break
		}
	}
	tag, err = tagOf(look, size)
	if err != nil {
		return nil, "", err
	}
	if png, ok := s.kept.Get(tag); ok {
		return png, tag, nil
	}
	if !s.share(from).Allow() {
		return nil, "", httpapi.ErrTooFast
	}
	// One after the other, also different ones: drawing is worth one processor core
	// at most, and who waited for the same finds it.
	s.pen.Lock()
	defer s.pen.Unlock()
	if png, ok := s.kept.Get(tag); ok {
		return png, tag, nil
	}
	drawn.Inc()
	if png, err = aura.PNG(look, size); err == nil {
		s.kept.Add(tag, png)
	}
	return png, tag, err
}

func (s *auras) share(from netip.Addr) *rate.Limiter {
	by := httpapi.Household(from)
	if r, ok := s.shares.Get(by); ok {
		return r
	}
	r := rate.NewLimiter(rate.Every(drawsEvery), drawsBurst)
	if before, had, _ := s.shares.PeekOrAdd(by, r); had {
		return before
	}
	return r
}

// tagOf names what an aura shows. A new way of drawing wants a new first word.
func tagOf(look aura.Look, size int) (string, error) {
	b, err := json.Marshal(look)
	if err != nil {
		return "", err
	}
	h := sha256.Sum256(fmt.Appendf(nil, "1 %d %s", size, b))
	return hex.EncodeToString(h[:16]), nil
}

func auraOf(id account.ID) string { return "aura/" + string(id) }

// AuraURL is the signed URL of a person's aura, valid as long.
func (v *Views) AuraURL(of account.ID, ttl time.Duration) string {
	return "/api/people/" + string(of) + "/aura?size=256&ticket=" + v.Tickets.SignFor("", auraOf(of), ttl)
}

func (a *api) auraOperations() {
	httpapi.Register(a.API, httpapi.Anyone, huma.Operation{
		OperationID: "see-aura", Method: http.MethodGet, Path: "/api/people/{person}/aura",
		Summary: "A still of somebody's aura by the address that came with their card; any other address shows a plain ring", Responses: httpapi.Binary("The aura", "image/png"),
	}, func(ctx context.Context, in *struct {
		OfPerson
		httpapi.Caller
		Size   int    `query:"size" minimum:"64" maximum:"512" default:"256" doc:"Pixels; there are 64, 128, 256 and 512, and the next larger one comes"`
		Ticket string `query:"ticket" maxLength:"200" doc:"Stands in the address that came with the card"`
	}) (*huma.StreamResponse, error) {
		of := account.ID(in.Person)
		people, err := a.Profiles.People(ctx, of)
		if err != nil {
			return nil, err
		}
		// Without a ticket somebody whom one cannot see any more looks like
		// nobody: colours would tell a block from an account that is gone.
		voice := people[of].Voice
		if a.Tickets.Check("", auraOf(of), in.Ticket) != nil {
			voice = nil
		}
		png, tag, err := a.auras.png(aura.LookOf(in.Person, voice), in.Size, in.Address())
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(c huma.Context) {
			r, w := humago.Unwrap(c)
			h := w.Header()
			h.Set("Cache-Control", "private, max-age=1800")
			h.Set("ETag", `"`+tag+`"`)
			if r.Header.Get("If-None-Match") == `"`+tag+`"` {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			h.Set("Content-Type", "image/png")
			_, _ = w.Write(png) // the client is gone if this fails
		}}, nil
	})
}
