package replays_test

import (
	"archive/zip"
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/replays"
	"heyy/internal/media/audio"
	"heyy/internal/rooms/replay"
)

// talk is a media server at which every voice of a test talks for a second.
type talk struct {
	voice   uint32
	packets [][]byte
}

func (s talk) Record(ctx context.Context, _ string, frame func(uint32, uint16, uint32, []byte), gone func(uint32)) error {
	for n := range 50 {
		frame(s.voice, uint16(n), uint32(n)*960, s.packets[n%len(s.packets)])
		time.Sleep(time.Millisecond)
	}
	gone(s.voice)
	<-ctx.Done()
	return nil
}

func TestAReplayFromTheQuestionToTheExport(t *testing.T) {
	data, err := os.ReadFile("../../../media/audio/testdata/browser.opus")
	if err != nil {
		t.Fatal(err)
	}
	tone, err := audio.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		host, _ := h.Member(t, "Host")
		guest, _ := h.Member(t, "Guest")
		var r apitypes.Room
		host.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"On record","category":"talk","language":"en","recorded":true}`).Into(t, &r)
		if !r.Recorded {
			t.Error("the room is not recorded")
		}
		at, recording := "/api/replays/"+r.ID, "/api/rooms/"+r.ID+"/recording"
		guest.Want(http.StatusConflict, "room.not_here", "PUT", recording, `{"keep":true}`)
		guest.Want(http.StatusConflict, "room.not_here", "GET", recording, "")
		host.Want(http.StatusUnprocessableEntity, "", "PUT", recording, `{"keep":"yes"}`)
		var said replays.Recording
		host.Want(http.StatusOK, "", "GET", recording, "").Into(t, &said)
		if said.Answered || said.Keep {
			t.Errorf("before the question: %+v", said)
		}
		host.Want(http.StatusNoContent, "", "PUT", recording, `{"keep":true}`)
		host.Want(http.StatusOK, "", "GET", recording, "").Into(t, &said)
		if !said.Answered || !said.Keep {
			t.Errorf("after it: %+v", said)
		}
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		recorder := replay.NewRecorder(h.Replays, talk{uint32(r.You.Voice), tone.Packets}, slog.New(slog.DiscardHandler))
		over := make(chan error, 1)
		go func() { over <- recorder.Run(ctx) }()
		defer func() { stop(); <-over }()
		tick := func() {
			t.Helper()
			if err := recorder.Tick(ctx); err != nil {
				t.Fatal(err)
			}
		}
		tick()
		host.Want(http.StatusNotFound, "replay.not_found", "GET", at, "")
		time.Sleep(200 * time.Millisecond)
		host.Want(http.StatusNoContent, "", "POST", "/api/rooms/"+r.ID+"/end", "")
		var page replays.ReplayPage
		for end := time.Now().Add(10 * time.Second); page.ID == "" && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			tick()
			if got := host.Ask("GET", at, ""); got.Status == http.StatusOK {
				got.Into(t, &page)
			}
		}
		if page.State != "draft" || !page.Hosts || !page.Keeps || len(page.Parts) != 1 || len(page.Speakers) != 1 || page.Ms < 900 || len(page.Lines) != 1 || page.Lines[0].Kind != "chapter" {
			t.Fatalf("the draft: %+v", page)
		}
		part := at + "/parts/" + page.Parts[0].ID
		guest.Want(http.StatusNotFound, "replay.not_found", "GET", part, "")
		guest.Want(http.StatusNotFound, "replay.not_found", "GET", at+"/export", "")
		heard := host.Want(http.StatusOK, "", "GET", part, "")
		if _, err := audio.Parse([]byte(heard.Body)); err != nil || heard.Header.Get("Content-Type") != "audio/ogg" || heard.Header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("the part: %v, %v", err, heard.Header)
		}
		host.Want(http.StatusUnprocessableEntity, "replay.days", "PUT", at+"/publication", `{"days":31}`)
		host.Want(http.StatusOK, "", "PUT", at+"/publication", `{"days":7}`).Into(t, &page)
		guest.Want(http.StatusForbidden, "replay.host_only", "PUT", at+"/publication", `{"days":7}`)
		guest.Want(http.StatusForbidden, "replay.host_only", "GET", at+"/export", "")
		guest.Want(http.StatusForbidden, "replay.host_only", "DELETE", at, "")
		guest.Want(http.StatusNoContent, "", "PUT", at+"/mark", `{"at":500}`)
		guest.Want(http.StatusUnprocessableEntity, "", "PUT", at+"/mark", `{"at":-1}`)
		var theirs replays.ReplayPage
		guest.Want(http.StatusOK, "", "GET", at, "").Into(t, &theirs)
		if theirs.Mark != 500 || theirs.Hosts || theirs.Keeps || theirs.Days != 7 {
			t.Errorf("for a guest: %+v", theirs.Replay)
		}
		var list replays.Replays
		guest.Want(http.StatusOK, "", "GET", "/api/replays", "").Into(t, &list)
		if len(list.Replays) != 1 || len(list.Replays[0].Speakers) != 1 {
			t.Errorf("the list: %+v", list)
		}
		var line replays.ReplayLine
		host.Want(http.StatusCreated, "", "POST", at+"/chapters", `{"at":100,"text":"And now"}`).Into(t, &line)
		host.Want(http.StatusUnprocessableEntity, "replay.after_end", "POST", at+"/chapters", `{"at":14400000,"text":"And now"}`)

		file := host.Want(http.StatusOK, "", "GET", at+"/export", "")
		z, err := zip.NewReader(strings.NewReader(file.Body), int64(len(file.Body)))
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]string{}
		for _, f := range z.File {
			open, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			all, err := io.ReadAll(open)
			if err != nil {
				t.Fatal(err)
			}
			names[f.Name] = string(all)
		}
		if voice := names["replay/voices/01 Host.ogg"]; !strings.HasPrefix(voice, "OggS") || strings.Count(voice, "OggS") < 3 {
			t.Errorf("the voice has %d bytes, of %v", len(voice), slices.Sorted(maps.Keys(names)))
		}
		host.Want(http.StatusTooManyRequests, "rate.limited", "GET", at+"/export", "")
		if !strings.Contains(names["replay/lines.txt"], "And now") || !strings.Contains(names["replay/about.json"], "On record") {
			t.Errorf("the folder: %v", names)
		}
		host.Want(http.StatusNoContent, "", "DELETE", at+"/lines/"+line.ID, "")
		host.Want(http.StatusNoContent, "", "DELETE", at+"/voice", "")
		host.Want(http.StatusNotFound, "replay.not_found", "GET", at, "")
		guest.Want(http.StatusNotFound, "replay.not_found", "GET", part, "")
	})
}
