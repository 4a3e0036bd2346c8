package people_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/base/signedurl"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/people/account"
)

func drawn(t *testing.T) (n int) {
	t.Helper()
	all, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.GetName() == "heyy_auras_drawn_total" {
			n = int(f.GetMetric()[0].GetCounter().GetValue())
		}
	}
	return n
}

// speaker is the id of somebody with a voice.
func speaker(t *testing.T, h *apitest.Server, n int) string {
	t.Helper()
	who, err := h.Accounts.EnsureResident(t.Context(), account.ResidentPlan{Key: fmt.Sprint(n), Name: "Anna", BirthDate: "1990-01-01", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.DB.Exec(`UPDATE profiles SET voice = '{"pitch_hz":180,"brightness":0.5,"tempo":0.5,"energy":0.5}' WHERE account_id = $1`, string(who)); err != nil {
		t.Fatal(err)
	}
	return string(who)
}

// auraURL is the address of an aura as a card has it.
func auraURL(of, size string) string {
	return "/api/people/" + of + "/aura?size=" + size + "&ticket=" + signedurl.New([]byte(strings.Repeat("t", 32)), nil).Sign("", "aura/"+of)
}

func TestAnAuraIsDrawnOnceForWhatItShows(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	v := h.Visitor(t)
	before := drawn(t)
	var all sync.WaitGroup
	for n := range 40 { // somebody unknown each, in whatever size: one ring
		all.Go(func() {
			v.Want(http.StatusOK, "", "GET", fmt.Sprintf("/api/people/%s/aura?size=%d", id.New(), 65+n), "")
		})
	}
	all.Wait()
	if n := drawn(t) - before; n != 1 {
		t.Errorf("the same ring was drawn %d times", n)
	}
	r := v.Want(http.StatusOK, "", "GET", "/api/people/"+id.New()+"/aura?size=128", "")
	tag := r.Header.Get("ETag")
	if tag == "" || r.Header.Get("Cache-Control") == "" || r.Header.Get("Content-Type") != "image/png" {
		t.Errorf("%v", r.Header)
	}
	again := v.Want(http.StatusNotModified, "", "GET", "/api/people/"+id.New()+"/aura?size=128", "", "If-None-Match", tag)
	if again.Body != "" {
		t.Error("what is known already is sent")
	}
}

func TestOneAddressHasSoManyAurasDrawn(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t), func(_ *account.Config, d *httpapi.Config) {
		d.Proxies = httpapi.Proxies{netip.MustParsePrefix("127.0.0.0/8")}
	})
	v := h.Visitor(t)
	var people []string
	for n := range 20 {
		people = append(people, speaker(t, h, n))
	}
	codes := map[int]int{}
	begun := time.Now()
	for _, p := range people {
		for _, size := range []string{"64", "128", "256", "512"} {
			codes[v.Ask("GET", auraURL(p, size), "", "X-Forwarded-For", "203.0.113.7").Status]++
		}
	}
	// One more each second, however slow this machine is just now.
	if most := 60 + 1 + int(time.Since(begun)/time.Second); codes[200] < 60 || codes[200] > most || codes[200]+codes[429] != 80 {
		t.Errorf("80 auras of 20 people: %v, at most %d", codes, most)
	}
	v.Want(http.StatusOK, "", "GET", auraURL(people[0], "64"), "", "X-Forwarded-For", "203.0.113.7")
	v.Want(http.StatusOK, "", "GET", auraURL(people[19], "512"), "", "X-Forwarded-For", "203.0.113.8")
}

// The colours of an aura told a block from an account that is gone.
func TestAnAuraOpensWithACardOnly(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	anna, me := h.Fits(t, "Anna", "woman")
	bob, him := h.Fits(t, "Bob", "man")
	his := anna.Sees(him.ID)
	stranger := h.Visitor(t) // the keys of a lock screen fetch without a session
	open := stranger.Want(http.StatusOK, "", "GET", his.Aura, "")
	ring := func(path string) {
		t.Helper()
		r := anna.Want(http.StatusOK, "", "GET", path, "")
		if r.Header.Get("Content-Type") != "image/png" || !strings.HasPrefix(r.Body, "\x89PNG") || r.Body == open.Body {
			t.Errorf("%s: %v %.20q", path, r.Header, r.Body)
		}
		if nobody := anna.Want(http.StatusOK, "", "GET", "/api/people/00000000-0000-7000-8000-000000000000/aura?size=256", ""); r.Body != nobody.Body {
			t.Errorf("%s is not like nobody's", path)
		}
	}
	ring("/api/people/" + him.ID + "/aura?size=256")
	ring("/api/people/" + him.ID + "/aura?size=256&ticket=" + his.Ticket)
	ring("/api/people/" + me.ID + "/aura?" + strings.SplitN(his.Aura, "?", 2)[1])
	bob.Want(http.StatusNoContent, "", "PUT", "/api/people/"+me.ID+"/block", "")
	h.Ahead = 31 * time.Minute
	ring(his.Aura)
	h.Ahead = 0
	stranger.Want(http.StatusUnprocessableEntity, "", "GET", "/api/people/"+me.ID+"/aura?size=9999", "")
}
