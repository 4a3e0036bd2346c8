package audio_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4/pkg/media/oggreader"

	"heyy/internal/media/audio"
)

var any30 = audio.Limits{Least: 100 * time.Millisecond, Most: 30 * time.Second}

func take(t testing.TB, data []byte) audio.Clip {
	t.Helper()
	c, err := audio.NewClip(data, any30)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// heard is what somebody hears who plays an Ogg file, gain and all.
func heard(t testing.TB, ogg []byte) []float32 {
	t.Helper()
	rec, err := audio.Parse(ogg)
	if err != nil {
		t.Fatal(err)
	}
	s, err := rec.Samples()
	if err != nil {
		t.Fatal(err)
	}
	gain := math.Pow(10, float64(int16(binary.LittleEndian.Uint16(unbind(ogg)[0].body[16:])))/256/20)
	for i := range s {
		s[i] *= float32(gain)
	}
	return s
}

func recordings(t testing.TB) []string {
	t.Helper()
	all, err := filepath.Glob("../../lab/resident/voices/intro/*.opus")
	if err != nil || len(all) != 24 {
		t.Fatalf("%d intros: %v", len(all), err)
	}
	// A few intros; a laptop's microphone beside a fan, with mains hum; a
	// browser's recorder; what browsers' fake microphones play; every mode of
	// Opus; somebody far away; and somebody near who drops a book.
	own, err := filepath.Glob("testdata/*.opus")
	if err != nil || len(own) != 8 {
		t.Fatalf("%d recordings: %v", len(own), err)
	}
	own = slices.DeleteFunc(own, func(file string) bool { return file == "testdata/stereo.opus" })
	for i := range 3 {
		own = append(own, all[8*i])
	}
	return append(own, "../../lab/bot/tones/440.opus", "../../lab/bot/tones/1000.opus")
}

func TestEveryRealRecordingIsTakenAndPlaysAtOneLoudness(t *testing.T) {
	for _, file := range recordings(t) {
		data := read(t, file)
		before, err := audio.Parse(data)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		c, err := audio.NewClip(data, any30)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if c.Duration != before.Duration() {
			t.Errorf("%s: %v long, was %v", file, c.Duration, before.Duration())
		}
		s := heard(t, c.Ogg)
		if n := int(c.Duration * audio.Rate / time.Second); len(s)-n > 1 || n > len(s) {
			t.Errorf("%s: %d samples are %v", file, len(s), c.Duration)
		}
		l, peak := audio.Loudness(s), 0.0
		for _, v := range s {
			peak = max(peak, math.Abs(float64(v)))
		}
		reached := math.Abs(l+20) < 0.02
		atCeiling := peak > 0.89 // -1 dB is 0.8913
		if file == "testdata/quiet.opus" {
			reached = c.GainDB == 24 && l < -20
		}
		if peak > 0.8913 || !reached && !(atCeiling && l < -20) || atCeiling != (file == "testdata/pop.opus") {
			t.Errorf("%s: plays at %.2f dB, peak %.3f", file, l, peak)
		}
		// Of somebody very quiet the gate at -60 dB lets only the loud words in.
		if off := math.Abs(c.LoudnessDB + c.GainDB - l); off > 0.02 && c.LoudnessDB > -50 || off > 3 {
			t.Errorf("%s: %.2f and %.2f dB are not %.2f", file, c.LoudnessDB, c.GainDB, l)
		}
		if len(c.Peaks) != audio.Bars {
			t.Fatalf("%s: %d peaks", file, len(c.Peaks))
		}
		top := byte(0)
		for i, p := range c.Peaks {
			want := 0.0
			for _, v := range s[i*len(s)/audio.Bars : (i+1)*len(s)/audio.Bars] {
				want = max(want, math.Abs(float64(v)))
			}
			if math.Abs(float64(p)-255*want) > 1 {
				t.Errorf("%s: peak %d is %d, not %.1f", file, i, p, 255*want)
			}
			top = max(top, p)
		}
		if math.Abs(float64(top)-255*peak) > 1 {
			t.Errorf("%s: the highest peak is %d, not %.1f", file, top, 255*peak)
		}
	}
}

func TestATakenClipIsTakenAgainAsItIs(t *testing.T) {
	for _, file := range []string{"testdata/browser.opus", "testdata/celt.opus", "testdata/silk.opus", "testdata/pop.opus", "testdata/quiet.opus"} {
		a := take(t, read(t, file))
		b := take(t, a.Ogg)
		if b.Duration != a.Duration || b.Features != a.Features || !bytes.Equal(b.Peaks, a.Peaks) {
			t.Errorf("%s: %v %+v became %v %+v", file, a.Duration, a.Features, b.Duration, b.Features)
		}
		if math.Abs(b.GainDB) > 0.01 {
			t.Errorf("%s: the gain changes by %.3f dB", file, b.GainDB)
		}
		if !bytes.Equal(a.Ogg, b.Ogg) {
			t.Errorf("%s: the file changes", file)
		}
	}
}

func TestOthersReadWhatWeWrite(t *testing.T) {
	c := take(t, read(t, maya))
	r, h, err := oggreader.NewWith(bytes.NewReader(c.Ogg))
	if err != nil {
		t.Fatal(err)
	}
	if h.Version != 1 || h.Channels != 1 || h.ChannelMap != 0 || h.PreSkip != 312 || h.SampleRate != audio.Rate ||
		float64(int16(h.OutputGain))/256 != c.GainDB {
		t.Errorf("head %+v, gain %v", h, c.GainDB)
	}
	var serial uint32
	var granule uint64
	pages, bytesOfSound := 0, 0
	for ; ; pages++ {
		body, page, err := r.ParseNextPage() // it verifies the checksum
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if pages == 0 {
			tags, err := oggreader.ParseOpusTags(body)
			if err != nil || tags.Vendor != "heyy" || len(tags.UserComments) != 0 || len(body) != 20 {
				t.Errorf("tags %+v of %d bytes, %v", tags, len(body), err)
			}
			serial = page.Serial
			continue
		}
		if step := page.GranulePosition - granule; page.Serial != serial || step > audio.Rate || step == 0 {
			t.Errorf("page %d: serial %d, %d samples", pages, page.Serial, step)
		}
		granule = page.GranulePosition
		bytesOfSound += len(body)
	}
	if end := uint64(c.Duration*audio.Rate/time.Second) + 312; granule-end > 1 {
		t.Errorf("the last page ends at %d, not %d", granule, end)
	}
	if pages != 9 || bytesOfSound < 10000 {
		t.Errorf("%d pages, %d bytes", pages, bytesOfSound)
	}
	sheets := unbind(c.Ogg)
	for i, s := range sheets {
		want := byte(0)
		switch i {
		case 0:
			want = first
		case len(sheets) - 1:
			want = last
		}
		if s.flags != want || s.sequence != uint32(i) {
			t.Errorf("page %d: flags %d, sequence %d", i, s.flags, s.sequence)
		}
	}
}

func TestNothingButTheSoundIsKept(t *testing.T) {
	const canary = "CANARY-7f3a"
	sound := packets(t, 50, 150)
	// Tags over several pages, padding, sound behind the end, a serial that tells.
	padded := bytes.Clone(sound[3])
	padded = append([]byte{padded[0] | 3, 1 | 0x40, byte(len(canary))}, append(padded[1:], canary...)...)
	sound[3] = padded
	late := append([]byte{0xf8}, canary...)
	sound = append(sound, late, late)
	sheets := record(head(0), tags("TITLE="+canary, "METADATA_BLOCK_PICTURE="+strings.Repeat(canary, 3000)), sound)
	long := sheets[1]
	sheets[1].lacing, sheets[1].body, sheets[1].granule = long.lacing[:100], long.body[:100*255], -1
	rest := sheet{flags: goesOn, serial: 7, lacing: long.lacing[100:], body: long.body[100*255:]}
	sheets = append(sheets[:2], append([]sheet{rest}, sheets[2:]...)...)
	for i := range sheets {
		sheets[i].sequence = uint32(i)
		sheets[i].serial = binary.LittleEndian.Uint32([]byte("CANA"))
	}
	sheets[len(sheets)-1].granule -= 2 * 960
	data := bind(sheets...)
	if n := bytes.Count(data, []byte(canary)); n < 3000 {
		t.Fatalf("%d canaries to begin with", n)
	}
	c := take(t, data)
	if bytes.Contains(c.Ogg, []byte("CANA")) || bytes.Contains(c.Ogg, []byte("TITLE")) {
		t.Error("a canary is in the clip")
	}
	if want := 100*20*time.Millisecond - 312*time.Second/audio.Rate; c.Duration != want {
		t.Errorf("%v long, not %v", c.Duration, want)
	}
	plain := take(t, bind(record(head(0), tags(), packets(t, 50, 150))...))
	if plain.Features != c.Features || plain.LoudnessDB != c.LoudnessDB {
		t.Errorf("padding is heard: %+v, %+v", plain.Features, c.Features)
	}
}

func TestTheEndIsCutWhereTheRecordingCutsIt(t *testing.T) {
	sheets := record(head(0), tags(), packets(t, 50, 150))
	sheets[len(sheets)-1].granule -= 2500 // two packets and a bit
	c := take(t, bind(sheets...))
	want := time.Duration(100*960-312-2500) * time.Second / audio.Rate
	if c.Duration != want {
		t.Errorf("%v long, not %v", c.Duration, want)
	}
	rec, err := audio.Parse(c.Ogg)
	if err != nil || len(rec.Packets) != 98 || rec.Duration() != want {
		t.Errorf("%d packets of %v, %v", len(rec.Packets), rec.Duration(), err)
	}
}

// Browsers leave packets out where nobody speaks, some writers begin elsewhere
// than at zero, stamp a full page a packet too early, or end with an empty page.
func TestTimeStampsOfOrdinaryWritersAreNoHarm(t *testing.T) {
	want := take(t, bind(record(head(0), tags(), packets(t, 50, 150))...))
	for name, bend := range map[string]func(s []sheet) []sheet{
		"gaps": func(s []sheet) []sheet {
			for i := range s[2:] {
				s[i+2].granule += int64(i) * 48000
			}
			return s
		},
		"late": func(s []sheet) []sheet {
			for i := range s[2:] {
				s[i+2].granule += 1 << 40
			}
			return s
		},
		"early": func(s []sheet) []sheet {
			for i := range s[3:] {
				s[i+2].granule -= 960
			}
			return s
		},
		"empty end": func(s []sheet) []sheet {
			end := s[len(s)-1]
			s[len(s)-1].flags = 0
			return append(s, sheet{flags: last, sequence: end.sequence + 1, serial: end.serial, granule: end.granule})
		},
		"end without time": func(s []sheet) []sheet {
			end := s[len(s)-1]
			s[len(s)-1].flags = 0
			return append(s, sheet{flags: last, sequence: end.sequence + 1, serial: end.serial, granule: -1})
		},
	} {
		c, err := audio.NewClip(bind(bend(record(head(0), tags(), packets(t, 50, 150)))...), any30)
		if err != nil || !bytes.Equal(c.Ogg, want.Ogg) {
			t.Errorf("%s: %v, %v long instead of %v", name, err, c.Duration, want.Duration)
		}
	}
}

func TestAPacketMayGoOnInTheNextPages(t *testing.T) {
	sound := packets(t, 50, 150)
	merged := []byte{sound[40][0] | 3, 0x80 | 6}
	for _, p := range sound[40:45] {
		merged = append(merged, byte(len(p)-1))
	}
	for _, p := range sound[40:46] {
		merged = append(merged, p[1:]...)
	}
	sound = slices.Replace(sound, 40, 46, merged)
	sheets := record(head(0), tags(), sound)
	want := take(t, bind(sheets...))
	if whole := take(t, bind(record(head(0), tags(), packets(t, 50, 150))...)); whole.Features != want.Features || whole.Duration != want.Duration {
		t.Errorf("merged into one packet: %+v, %v", want.Features, want.Duration)
	}
	at := slices.IndexFunc(sheets, func(s sheet) bool { return bytes.Contains(s.body, merged) })
	s := sheets[at] // merged is the first of its packets
	begin := sheet{granule: -1, serial: s.serial, lacing: s.lacing[:1], body: s.body[:255]}
	rest := sheet{flags: goesOn, granule: s.granule, serial: s.serial, lacing: s.lacing[1:], body: s.body[255:]}
	c := take(t, bind(renumber(slices.Replace(sheets, at, at+1, begin, rest), 0)...))
	if !bytes.Equal(c.Ogg, want.Ogg) {
		t.Errorf("%v long, not %v", c.Duration, want.Duration)
	}
}

func TestAGainInTheHeaderIsReplaced(t *testing.T) {
	sound := packets(t, 50, 130)
	plain := take(t, bind(record(head(0), tags(), sound)...))
	for _, db := range []float64{-100, -6, 6, 100} {
		c := take(t, bind(record(head(int16(db*256)), tags(), sound)...))
		if !bytes.Equal(c.Ogg, plain.Ogg) || !bytes.Equal(c.Peaks, plain.Peaks) {
			t.Errorf("%g dB: another clip", db)
		}
		had := min(max(db, -24), 24)
		if math.Abs(c.LoudnessDB-plain.LoudnessDB-had) > 1e-9 || math.Abs(c.GainDB-plain.GainDB+had) > 1e-9 {
			t.Errorf("%g dB: loudness %.2f, gain %.2f; without %.2f, %.2f", db, c.LoudnessDB, c.GainDB, plain.LoudnessDB, plain.GainDB)
		}
	}
}

func TestTheSameUploadIsTheSameClip(t *testing.T) {
	data := bind(good(t)...)
	if a, b := take(t, data), take(t, data); !reflect.DeepEqual(a, b) {
		t.Errorf("%+v and %+v", a, b)
	}
}

func TestLimitsAreKept(t *testing.T) {
	data := bind(record(head(0), tags(), packets(t, 50, 150))...)
	exact := take(t, data).Duration
	for name, c := range map[string]struct {
		l    audio.Limits
		want error
	}{
		"exact":     {audio.Limits{Least: exact, Most: exact}, nil},
		"too short": {audio.Limits{Least: exact + 1, Most: time.Minute}, audio.ErrShort},
		"too long":  {audio.Limits{Least: 0, Most: exact - 1}, audio.ErrLong},
	} {
		if _, err := audio.NewClip(data, c.l); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSilenceIsNoIntro(t *testing.T) {
	quiet := make([][]byte, 300)
	for i := range quiet {
		quiet[i] = []byte{0xf8, 0xff, 0xfe}
	}
	if _, err := audio.NewClip(bind(record(head(0), tags(), quiet)...), any30); !errors.Is(err, audio.ErrSilent) {
		t.Errorf("silence: %v", err)
	}
	for i := range quiet {
		quiet[i] = []byte{0x48} // the encoder had nothing to send
	}
	if _, err := audio.NewClip(bind(record(head(0), tags(), quiet)...), any30); !errors.Is(err, audio.ErrSilent) {
		t.Errorf("nothing sent: %v", err)
	}
}

// The encoder of a browser may send next to nothing while nobody speaks.
func TestPausesThatWereNotSentAreTaken(t *testing.T) {
	sound := packets(t, 50, 150)
	for i := 40; i < 50; i++ {
		sound[i] = sound[i][:1]
	}
	c := take(t, bind(record(head(0), tags(), sound)...))
	whole := take(t, bind(record(head(0), tags(), packets(t, 50, 150))...))
	if c.Duration != whole.Duration {
		t.Errorf("%v long, not %v", c.Duration, whole.Duration)
	}
	if low := slices.Min(c.Peaks[27:31]); low > 2 {
		t.Errorf("the pause is not still: %v", c.Peaks)
	}
}

func TestADecoderThatPanicsGivesAnError(t *testing.T) {
	var none *audio.Decoder
	if s, err := none.Decode([]byte{0xf8, 0xff, 0xfe}); err == nil || s != nil {
		t.Errorf("%d samples, %v", len(s), err)
	}
}

func BenchmarkTake30s(b *testing.B) {
	var sound [][]byte
	for len(sound) < 1500 {
		sound = append(sound, packets(b, 0, min(380, 1500-len(sound)))...)
	}
	data := bind(record(head(0), tags(), sound)...)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := audio.NewClip(data, any30); err != nil {
			b.Fatal(err)
		}
	}
}
