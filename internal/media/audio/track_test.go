package audio

import (
	"bytes"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// spoken returns packets of 20 ms of a recording in testdata.
func spoken(t *testing.T) [][]byte {
	t.Helper()
	data, err := os.ReadFile("testdata/browser.opus")
	if err != nil {
		t.Fatal(err)
	}
	rec, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range rec.Packets {
		if packetSamples(p) != 960 {
			t.Fatalf("a packet of %d samples", packetSamples(p))
		}
	}
	return rec.Packets
}

func TestATrackIsCutWithoutLosingASample(t *testing.T) {
	packets := spoken(t)
	var track Track
	base := uint32(1<<32 - 4800) // wraps around
	var parts []*Part
	for i, p := range packets {
		now := time.Second + time.Duration(i)*20*time.Millisecond
		track.Push(now, base+uint32(i)*960, p)
		if done := track.Flush(now, 600*time.Millisecond); done != nil {
			parts = append(parts, done)
		}
	}
	if last := track.Close(); last != nil {
		parts = append(parts, last)
	}
	if len(parts) < 3 {
		t.Fatalf("%d parts", len(parts))
	}
	at := time.Second
	for i, p := range parts {
		if p.Start != at {
			t.Errorf("part %d begins at %v, not %v", i, p.Start, at)
		}
		at += p.Length
		rec, err := Parse(p.Ogg)
		if err != nil {
			t.Fatalf("part %d: %v", i, err)
		}
		if rec.Duration() != p.Length || i > 0 && rec.preSkip != preRoll {
			t.Errorf("part %d plays %v, not %v, after a pre-roll of %d", i, rec.Duration(), p.Length, rec.preSkip)
		}
	}
	if want := time.Second + time.Duration(len(packets))*20*time.Millisecond; at != want {
		t.Errorf("the parts end at %v, not %v", at, want)
	}
}

func TestATrackPutsPacketsInOrderAndFillsGaps(t *testing.T) {
	packets := spoken(t)
	var track Track
	order := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < len(packets); i += 4 {
		for _, j := range order.Perm(min(4, len(packets)-i)) {
			n := i + j
			if i > 0 && n%7 == 3 {
				continue // lost
			}
			track.Push(time.Duration(i)*20*time.Millisecond, 5000+uint32(n)*960, packets[n])
			track.Push(time.Duration(i)*20*time.Millisecond, 5000+uint32(n)*960, packets[n]) // repeated
		}
		if i == 0 && len(track.packets) == 0 {
			t.Fatal("nothing is kept")
		}
	}
	p := track.Close()
	rec, err := Parse(p.Ogg)
	if err != nil {
		t.Fatal(err)
	}
	// What came before the first packet is lost with it.
	if lost := time.Duration(len(packets))*20*time.Millisecond - rec.Duration(); lost < 0 || lost > 80*time.Millisecond {
		t.Errorf("%v are missing", lost)
	}
	if _, err := rec.Samples(); err != nil {
		t.Error(err)
	}
}

func TestATrackEndsAtAPauseAndWhereTheClockOfTheSourceJumps(t *testing.T) {
	packets := spoken(t)
	var track Track
	for i := range 20 {
		track.Push(time.Duration(i)*20*time.Millisecond, uint32(i)*960, packets[i])
	}
	track.Push(500*time.Millisecond, 25*960, []byte{packets[0][0]}) // a pause is announced
	if done := track.Flush(1300*time.Millisecond, time.Minute); done != nil {
		t.Error("it ends too early")
	}
	done := track.Flush(1400*time.Millisecond, time.Minute)
	if done == nil || done.Start != 0 || done.Length < 400*time.Millisecond || done.Length > 620*time.Millisecond {
		t.Fatalf("after a pause: %+v", done)
	}
	if again := track.Push(3*time.Second, 9, []byte{packets[0][0]}); again != nil || len(track.packets) > 0 {
		t.Error("silence begins a part")
	}
	for i := range 10 {
		track.Push(4*time.Second+time.Duration(i)*20*time.Millisecond, uint32(i)*960, packets[i])
	}
	done = track.Push(4200*time.Millisecond, 1<<31, packets[10])
	if done == nil || done.Start != 4*time.Second || done.Length != 200*time.Millisecond || len(track.packets) != 1 {
		t.Fatalf("after a jump: %+v, %d packets", done, len(track.packets))
	}
}

func FuzzTrack(f *testing.F) {
	f.Add([]byte{0, 0, 0, 3, 8, 1, 2})
	f.Fuzz(func(t *testing.T, data []byte) {
		var track Track
		now := time.Duration(0)
		check := func(p *Part) {
			if p == nil {
				return
			}
			if p.Length <= 0 || p.Length > time.Minute {
				t.Fatalf("a part of %v", p.Length)
			}
		}
		for len(data) > 4 {
			n := min(int(data[3]), len(data)-4)
			now += time.Duration(data[0]) * time.Millisecond
			check(track.Push(now, uint32(data[1])<<24|uint32(data[2])<<8, data[4:4+n]))
			check(track.Flush(now, time.Second))
			data = data[4+n:]
		}
		check(track.Close())
	})
}

func TestPiecesOfASpeakerBecomeOneFileInWhichEachIsAtItsTime(t *testing.T) {
	packets := spoken(t)
	var track Track
	var pieces []Piece
	put := func(p *Part) {
		if p != nil {
			pieces = append(pieces, Piece{p.Start, p.Ogg})
		}
	}
	for i := range 30 {
		now := 2*time.Second + time.Duration(i)*20*time.Millisecond
		track.Push(now, uint32(i)*960, packets[i])
		put(track.Flush(now, 300*time.Millisecond))
	}
	put(track.Close())
	for i := range 10 {
		track.Push(5*time.Second+time.Duration(i)*20*time.Millisecond, uint32(i)*960, packets[i])
	}
	put(track.Close())
	if len(pieces) < 3 {
		t.Fatalf("%d pieces", len(pieces))
	}
	var file bytes.Buffer
	if err := Assemble(&file, each(pieces)); err != nil {
		t.Fatal(err)
	}
	rec, err := parseAny(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if rec.Duration() < 5190*time.Millisecond || rec.Duration() > 5220*time.Millisecond {
		t.Errorf("it plays %v", rec.Duration())
	}
	loud := map[int]int{} // packets with sound, by second
	at := 0
	for _, p := range rec.Packets {
		if IsSpeech(p) {
			loud[at/Rate]++
		}
		at += packetSamples(p)
	}
	if loud[2] != 30 || loud[5] != 10 || len(loud) != 2 {
		t.Errorf("sound in second: %v", loud)
	}
	if err := Assemble(io.Discard, each([]Piece{{0, []byte("nothing")}})); err == nil {
		t.Error("no recording is taken for one")
	}
	file.Reset()
	if err := Assemble(&file, each(nil)); err != nil || file.Len() > 0 {
		t.Errorf("of nothing: %v, %d bytes", err, file.Len())
	}
}

func each(pieces []Piece) iter.Seq2[Piece, error] {
	return func(yield func(Piece, error) bool) {
		for _, p := range pieces {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// Hours of silence are few bytes and no memory, whoever spoke before and after them.
func TestHoursOfSilenceCostLittle(t *testing.T) {
	packets := spoken(t)
	piece := func(at time.Duration) Piece {
		var track Track
		for i := range 30 {
			track.Push(at+time.Duration(i)*20*time.Millisecond, uint32(i)*960, packets[i])
		}
		p := track.Close()
		return Piece{p.Start, p.Ogg}
	}
	pieces := []Piece{piece(0), piece(4 * time.Hour)}
	var file bytes.Buffer
	if err := Assemble(&file, each(pieces)); err != nil {
		t.Fatal(err)
	}
	rec, err := parseAny(file.Bytes())
	if err != nil || (time.Duration(rec.samples)*time.Second/Rate).Round(time.Second) != 4*time.Hour+time.Second {
		t.Errorf("it plays %v: %v", time.Duration(rec.samples)*time.Second/Rate, err)
	}
	if file.Len() > 1<<20 {
		t.Errorf("%d bytes", file.Len())
	}
	var most int
	if err := Assemble(write(func(p []byte) { most = max(most, len(p)) }), each(pieces)); err != nil || most > 1<<17 {
		t.Errorf("%d bytes were held: %v", most, err)
	}
}

type write func(p []byte)

func (w write) Write(p []byte) (int, error) { w(p); return len(p), nil }

func TestComfortNoiseIsNoSpeech(t *testing.T) {
	packets := spoken(t)
	var track Track
	var parts []*Part
	at := 0
	push := func(p []byte) {
		now := time.Duration(at) * 20 * time.Millisecond
		for _, done := range []*Part{track.Push(now, uint32(at)*960, p), track.Flush(now, time.Minute)} {
			if done != nil {
				parts = append(parts, done)
			}
		}
	}
	for range 10 { // every 400 ms, before anybody speaks
		push(packets[0][:8])
		at += 20
	}
	first := at
	for i := range 50 {
		push(packets[i])
		at++
	}
	for range 10 {
		at += 20
		push(packets[0][:8])
	}
	if len(parts) != 1 || parts[0].Start != time.Duration(first)*20*time.Millisecond || parts[0].Length < time.Second || parts[0].Length > 1250*time.Millisecond {
		t.Fatalf("the parts: %+v", parts)
	}
}

func TestAPartBeginsWhenItsLeastDelayedPacketSays(t *testing.T) {
	packets := spoken(t)
	var track Track
	for i := range 50 {
		late := time.Duration(0)
		if i < 5 {
			late = 200 * time.Millisecond
		}
		track.Push(3*time.Second+time.Duration(i)*20*time.Millisecond+late, uint32(i)*960, packets[i])
	}
	if p := track.Close(); p.Start != 3*time.Second {
		t.Errorf("it begins at %v", p.Start)
	}
}

func TestNothingIsHeardInASilentPart(t *testing.T) {
	packets := spoken(t)
	var track Track
	for i := range 50 {
		track.Push(time.Duration(i)*20*time.Millisecond, uint32(i)*960, packets[i])
	}
	heard := track.Close().Loud()
	if heard < 500*time.Millisecond || heard > time.Second {
		t.Errorf("of a second of a voice %v are heard", heard)
	}
	// Silence as an encoder writes it without DTX: 20 ms of CELT, full band, in a few bytes.
	for i := range 50 {
		track.Push(time.Duration(i)*20*time.Millisecond, uint32(i)*960, []byte{0xf8, 0xff, 0xfe})
	}
	if p := track.Close(); p == nil || p.Loud() != 0 {
		t.Error("silence is heard")
	}
	// A word, and then the microphone stays open: what is heard is the word.
	for i := range 400 {
		packet := []byte{0xf8, 0xff, 0xfe}
		if i < 50 {
			packet = packets[i]
		}
		track.Push(time.Duration(i)*20*time.Millisecond, uint32(i)*960, packet)
	}
	if p := track.Close(); p.Length < 7*time.Second || p.Loud() < heard || p.Loud() > heard+200*time.Millisecond {
		t.Errorf("of %v are heard %v, not %v", p.Length, p.Loud(), heard)
	}
}
