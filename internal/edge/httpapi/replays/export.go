package replays

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"heyy/internal/base/blob"
	"heyy/internal/base/fault"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/media/audio"
	"heyy/internal/people/account"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
)

const (
	exportTime  = 10 * time.Minute // after which a reader who takes little frees its place
	exportEvery = time.Minute      // at least, of one person
	exportsMost = 8                // at once
)

// exports holds the exports that run, and by person those of the last minute.
type exports struct {
	mu  sync.Mutex
	now int
	of  map[account.ID]time.Time // when their next one may begin
}

// begin reserves a place for a person. Faults: rate.limited, server.busy.
func (e *exports) begin(who account.ID, at time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	maps.DeleteFunc(e.of, func(_ account.ID, until time.Time) bool { return !at.Before(until) })
	switch {
	case !e.of[who].IsZero():
		return httpapi.ErrTooFast
	case e.now >= exportsMost:
		return httpapi.ErrBusy
	}
	e.of[who] = at.Add(exportTime + exportEvery)
	e.now++
	return nil
}

func (e *exports) end(who account.ID, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.of[who] = at.Add(exportEvery)
	e.now--
}

// until is a writer that fails after a moment. A deadline of the connection would not do: it
// grows with each chunk that is taken.
type until struct {
	io.Writer
	end time.Time
}

func (u until) Write(p []byte) (int, error) {
	if time.Now().After(u.end) {
		return 0, context.DeadlineExceeded
	}
	return u.Writer.Write(p)
}

// export answers with a zip archive, written as it is made: one part is in memory at a time.
func (a *api) export(ctx context.Context, id room.ID) (*huma.StreamResponse, error) {
	by := httpapi.Actor(ctx)
	r, parts, lines, err := a.Replays.Get(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if r.Host != by {
		return nil, replay.ErrHostOnly
	}
	ids := append([]account.ID{r.Host}, r.Speakers...)
	for _, l := range lines {
		ids = append(ids, l.Account)
	}
	named, err := a.Profiles.People(ctx, ids...)
	if err != nil {
		return nil, err
	}
	if err := a.exports.begin(by, time.Now()); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer func() { a.exports.end(by, time.Now()) }()
		_, w := humago.Unwrap(c)
		h := w.Header()
		h.Set("Content-Type", "application/zip")
		h.Set("Content-Disposition", `attachment; filename="replay.zip"`)
		h.Set("Cache-Control", "private, no-store")
		z := zip.NewWriter(until{w, time.Now().Add(exportTime)})
		if err := a.folder(ctx, z, by, r, parts, lines, named); err != nil {
			panic(http.ErrAbortHandler) // an archive without its end is seen to be broken
		}
	}}, nil
}

// folder writes the files of an export.
func (a *api) folder(ctx context.Context, z *zip.Writer, by account.ID, r replay.Replay, parts []replay.Part, lines []replay.Line, named apitypes.People) error {
	page, err := json.MarshalIndent(toPage(r, parts, lines, by, named), "", "  ")
	if err != nil {
		return err
	}
	whole := func(data []byte) func(io.Writer) error {
		return func(w io.Writer) error { _, err := w.Write(data); return err }
	}
	if err := file(z, "replay/about.json", whole(page)); err != nil {
		return err
	}
	var chat strings.Builder
	for _, l := range lines {
		who := ""
		if p, ok := named[l.Account]; ok && l.Kind == replay.Chat {
			who = p.Name + ": "
		}
		fmt.Fprintf(&chat, "%s  %s%s\n", clock(l.At), who, strings.ReplaceAll(l.Text, "\n", "\n          "))
	}
	if err := file(z, "replay/lines.txt", whole([]byte(chat.String()))); err != nil {
		return err
	}
	first := r.Length
	for _, p := range parts {
		first = min(first, p.Start)
	}
	for n, who := range r.Speakers {
		name := fmt.Sprintf("replay/voices/%02d %s.ogg", n+1, fileName(named[who].Name))
		if err := file(z, name, func(w io.Writer) error { return audio.Assemble(w, a.pieces(ctx, by, r.ID, who, parts, first)) }); err != nil {
			return err
		}
	}
	return z.Close()
}

// pieces are the parts of one speaker, those that are withdrawn meanwhile left out.
func (a *api) pieces(ctx context.Context, by account.ID, r room.ID, who account.ID, parts []replay.Part, first time.Duration) iter.Seq2[audio.Piece, error] {
	return func(yield func(audio.Piece, error) bool) {
		for _, p := range parts {
			if p.Account != who {
				continue
			}
			ogg, err := a.part(ctx, by, r, p.ID)
			if fault.Is(err, replay.ErrNotFound.Code) {
				continue
			}
			if !yield(audio.Piece{Start: p.Start - first, Ogg: ogg}, err) || err != nil {
				return
			}
		}
	}
}

func (a *api) part(ctx context.Context, by account.ID, r room.ID, part string) ([]byte, error) {
	key, err := a.Replays.PartKey(ctx, by, r, part)
	if err != nil {
		return nil, err
	}
	data, err := a.Blobs.Open(ctx, key)
	if errors.Is(err, blob.ErrNone) {
		return nil, replay.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = data.Close() }()
	return io.ReadAll(data)
}

func file(z *zip.Writer, name string, write func(io.Writer) error) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err != nil {
		return err
	}
	return write(w)
}

// fileName returns a name that every file system takes.
func fileName(name string) string {
	kept := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == ' ' || r == '-' {
			return r
		}
		return -1
	}, name)
	return strings.TrimSpace(kept)
}

func clock(t time.Duration) string {
	s := int(t.Seconds())
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
