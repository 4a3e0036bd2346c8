package replays

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
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

// exportTime bounds an export, so that a reader who takes nothing frees its place.
const exportTime = 10 * time.Minute

// export answers with a zip archive, written as it is made: one speaker is in memory at a time.
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
	select {
	case a.exporting <- struct{}{}:
	default:
		return nil, httpapi.ErrBusy
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer func() { <-a.exporting }()
		_, w := humago.Unwrap(c)
		h := w.Header()
		h.Set("Content-Type", "application/zip")
		h.Set("Content-Disposition", `attachment; filename="replay.zip"`)
		h.Set("Cache-Control", "private, no-store")
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(exportTime))
		z := zip.NewWriter(w)
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
	if err := file(z, "replay/about.json", page); err != nil {
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
	if err := file(z, "replay/lines.txt", []byte(chat.String())); err != nil {
		return err
	}
	first := r.Length
	for _, p := range parts {
		first = min(first, p.Start)
	}
	for n, who := range r.Speakers {
		var pieces []audio.Piece
		for _, p := range parts {
			if p.Account != who {
				continue
			}
			ogg, err := a.part(ctx, by, r.ID, p.ID)
			if fault.Is(err, replay.ErrNotFound.Code) {
				continue // withdrawn meanwhile
			}
			if err != nil {
				return err
			}
			pieces = append(pieces, audio.Piece{Start: p.Start - first, Ogg: ogg})
		}
		if len(pieces) == 0 {
			continue
		}
		ogg, err := audio.Assemble(pieces)
		if err != nil {
			return err
		}
		if err := file(z, fmt.Sprintf("replay/voices/%02d %s.ogg", n+1, fileName(named[who].Name)), ogg); err != nil {
			return err
		}
	}
	return z.Close()
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

func file(z *zip.Writer, name string, data []byte) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err == nil {
		_, err = w.Write(data)
	}
	return err
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
