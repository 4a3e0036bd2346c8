package audio_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"heyy/internal/media/audio"
)

var reasons = []error{audio.ErrFormat, audio.ErrStereo, audio.ErrDamaged, audio.ErrShort, audio.ErrLong, audio.ErrSilent}

// reason is the one thing that is wrong.
func reason(t testing.TB, err error) error {
	t.Helper()
	var found []error
	for _, r := range reasons {
		if errors.Is(err, r) {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d reasons in %v", len(found), err)
	}
	return found[0]
}

func good(t testing.TB) []sheet { return record(head(0), tags("a=b"), packets(t, 50, 150)) }

func TestBadPagesAreRefused(t *testing.T) {
	cases := map[string]struct {
		want  error
		forge func(s []sheet) []sheet
	}{
		"a page is missing":           {audio.ErrDamaged, func(s []sheet) []sheet { return slices.Delete(s, 4, 5) }},
		"a page comes twice":          {audio.ErrDamaged, func(s []sheet) []sheet { return slices.Insert(s, 4, s[4]) }},
		"pages change places":         {audio.ErrDamaged, func(s []sheet) []sheet { s[4], s[5] = s[5], s[4]; return s }},
		"counted from one":            {audio.ErrDamaged, func(s []sheet) []sheet { return renumber(s, 1) }},
		"the beginning is missing":    {audio.ErrDamaged, func(s []sheet) []sheet { return s[1:] }},
		"no first flag":               {audio.ErrDamaged, func(s []sheet) []sheet { s[0].flags = 0; return s }},
		"a first flag later":          {audio.ErrFormat, func(s []sheet) []sheet { s[4].flags = first; return s }},
		"unknown flags":               {audio.ErrFormat, func(s []sheet) []sheet { s[4].flags = 8; return s }},
		"another version":             {audio.ErrFormat, func(s []sheet) []sheet { s[0].version = 1; return s }},
		"another version later":       {audio.ErrDamaged, func(s []sheet) []sheet { s[4].version = 1; return s }},
		"no last flag":                {audio.ErrDamaged, func(s []sheet) []sheet { s[len(s)-1].flags = 0; return s }},
		"the last flag too early":     {audio.ErrFormat, func(s []sheet) []sheet { s[4].flags = last; return s }},
		"cut off between pages":       {audio.ErrDamaged, func(s []sheet) []sheet { return s[:6] }},
		"time runs back":              {audio.ErrDamaged, func(s []sheet) []sheet { s[5].granule = s[4].granule - 1; return s }},
		"time below zero":             {audio.ErrDamaged, func(s []sheet) []sheet { s[5].granule = -2; return s }},
		"no time":                     {audio.ErrDamaged, func(s []sheet) []sheet { s[5].granule = -1; return s }},
		"centuries":                   {audio.ErrDamaged, func(s []sheet) []sheet { s[len(s)-1].granule = 1 << 62; return s }},
		"time in the head":            {audio.ErrDamaged, func(s []sheet) []sheet { s[0].granule = 1; return s }},
		"time in the tags":            {audio.ErrDamaged, func(s []sheet) []sheet { s[1].granule = 1; return s }},
		"goes on after nothing":       {audio.ErrDamaged, func(s []sheet) []sheet { s[4].flags = goesOn; return s }},
		"does not go on":              {audio.ErrDamaged, func(s []sheet) []sheet { s[4].lacing, s[4].body = []byte{255}, make([]byte, 255); return s }},
		"a packet never ends":         {audio.ErrDamaged, unfinished},
		"a second stream between":     {audio.ErrFormat, func(s []sheet) []sheet { return slices.Insert(s, 4, sheet{flags: first, serial: 8}) }},
		"a page of another stream":    {audio.ErrFormat, func(s []sheet) []sheet { s[4].serial = 8; return s }},
		"a second stream after":       {audio.ErrFormat, func(s []sheet) []sheet { return append(s, s...) }},
		"an empty page after the end": {audio.ErrFormat, func(s []sheet) []sheet { return append(s, sheet{serial: 7, sequence: uint32(len(s))}) }},
		"only a head":                 {audio.ErrFormat, func(s []sheet) []sheet { s[0].flags |= last; return s[:1] }},
		"no sound":                    {audio.ErrShort, func(s []sheet) []sheet { s[1].flags |= last; return s[:2] }},
		"less sound than pre-skip": {audio.ErrShort, func(s []sheet) []sheet {
			copy(s[0].body[10:], []byte{0xff, 0xff})
			s = s[:5]
			s[4].flags = last
			return s
		}},
		"no tags":              {audio.ErrFormat, func(s []sheet) []sheet { return renumber(slices.Delete(s, 1, 2), 0) }},
		"other tags":           {audio.ErrFormat, func(s []sheet) []sheet { copy(s[1].body, "VorbTags"); return s }},
		"head and tags share":  {audio.ErrFormat, func(s []sheet) []sheet { return share(s, 0) }},
		"tags and sound share": {audio.ErrFormat, func(s []sheet) []sheet { return share(s, 1) }},
		"an empty first page":  {audio.ErrFormat, func(s []sheet) []sheet { s[0].lacing, s[0].body = nil, nil; return s }},
		"endless tags":         {audio.ErrFormat, endlessTags},
		"Vorbis":               {audio.ErrFormat, func(s []sheet) []sheet { return swap(s, 0, []byte("\x01vorbis\x00\x00\x00\x00\x01\x80\xbb\x00\x00")) }},
		"a long head":          {audio.ErrFormat, func(s []sheet) []sheet { return swap(s, 0, append(head(0), 0)) }},
		"a short head":         {audio.ErrFormat, func(s []sheet) []sheet { return swap(s, 0, head(0)[:18]) }},
		"head of version 2":    {audio.ErrFormat, func(s []sheet) []sheet { s[0].body[8] = 2; return s }},
		"no channel":           {audio.ErrFormat, func(s []sheet) []sheet { s[0].body[9] = 0; return s }},
		"two channels":         {audio.ErrStereo, func(s []sheet) []sheet { s[0].body[9] = 2; return s }},
		"mapping family 1":     {audio.ErrFormat, func(s []sheet) []sheet { s[0].body[18] = 1; return s }},
		"mapping family 255":   {audio.ErrFormat, func(s []sheet) []sheet { s[0].body[18] = 255; return s }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := audio.NewClip(bind(c.forge(good(t))...), any30)
			if got := reason(t, err); got != c.want {
				t.Errorf("%v, not %q", err, c.want)
			}
		})
	}
	if _, err := audio.NewClip(bind(good(t)...), any30); err != nil {
		t.Errorf("the recording they all come from: %v", err)
	}
	if _, err := audio.NewClip(read(t, "testdata/stereo.opus"), any30); reason(t, err) != audio.ErrStereo {
		t.Errorf("a real stereo recording: %v", err)
	}
}

// swap makes one packet all of a page.
func swap(s []sheet, at int, packet []byte) []sheet {
	s[at] = lace(s[at].flags, at, 0, packet)
	return s
}

func renumber(s []sheet, from uint32) []sheet {
	for i := range s {
		s[i].sequence = from + uint32(i)
	}
	return s
}

// share puts two pages' packets on one.
func share(s []sheet, at int) []sheet {
	s[at].lacing = append(slices.Clone(s[at].lacing), s[at+1].lacing...)
	s[at].body = append(slices.Clone(s[at].body), s[at+1].body...)
	s[at].granule = s[at+1].granule
	return renumber(slices.Delete(s, at+1, at+2), 0)
}

func unfinished(s []sheet) []sheet {
	end := &s[len(s)-1]
	end.lacing, end.body = append(slices.Clone(end.lacing), 255), append(slices.Clone(end.body), make([]byte, 255)...)
	return s
}

func endlessTags(s []sheet) []sheet {
	more := sheet{flags: goesOn, granule: -1, serial: 7, lacing: bytes.Repeat([]byte{255}, 255), body: make([]byte, 255*255)}
	begin := more
	begin.flags, begin.body = 0, append([]byte("OpusTags"), more.body[8:]...)
	return renumber([]sheet{s[0], begin, more, more, more}, 0)
}

func TestBadPacketsAreRefused(t *testing.T) {
	for name, p := range map[string][]byte{
		"empty":                           {},
		"two frames of 1 and 2 bytes":     {0x49, 1, 2, 3},
		"no frames":                       {0x4b, 0},
		"a frame count without count":     {0x4b},
		"seven frames of 20 ms":           append([]byte{0x4b, 7}, make([]byte, 7)...),
		"three frames of 60 ms":           append([]byte{0x5b, 3}, make([]byte, 3)...),
		"49 frames of 2.5 ms":             append([]byte{0x83, 49}, make([]byte, 49)...),
		"three frames in 4 bytes":         {0x4b, 3, 1, 2, 3, 4},
		"padding without length":          {0x4b, 0x41},
		"more padding than packet":        {0x4b, 0x41, 5, 1, 2},
		"endless padding":                 {0x4b, 0x41, 255, 255, 255},
		"a first frame without length":    {0x4a},
		"half a length":                   {0x4a, 252},
		"a first frame longer than all":   {0x4a, 9, 1, 2},
		"frames longer than all":          {0x4b, 0x83, 1, 9, 1, 2},
		"a frame of 1276 bytes":           append([]byte{0x48}, make([]byte, 1276)...),
		"two frames of 1276 bytes":        append([]byte{0x49}, make([]byte, 2552)...),
		"a last frame of 1276 bytes":      append([]byte{0x4a, 1}, make([]byte, 1277)...),
		"a variable frame of 1276 bytes":  append([]byte{0x4b, 0x82, 1}, make([]byte, 1277)...),
		"more than 60 kB, mostly padding": append([]byte{0x4b, 0x41}, append(bytes.Repeat([]byte{255}, 250), make([]byte, 250*254)...)...),
	} {
		t.Run(name, func(t *testing.T) {
			sound := packets(t, 50, 150)
			sound[40] = p
			_, err := audio.NewClip(bind(record(head(0), tags(), sound)...), any30)
			if got := reason(t, err); got != audio.ErrDamaged {
				t.Error(err)
			}
		})
	}
	sound := packets(t, 50, 150)
	sound[40] = []byte{0xfc, 0xff, 0xfe}
	if _, err := audio.NewClip(bind(record(head(0), tags(), sound)...), any30); reason(t, err) != audio.ErrStereo {
		t.Errorf("a packet of two channels: %v", err)
	}
}

func TestAnHourIn10kBIsTooLongBeforeItIsDecoded(t *testing.T) {
	nothing := []byte{0x4b, 6} // 120 ms of it
	for _, n := range []int{600, 5000, 30000} {
		sheets := []sheet{lace(first, 0, 0, head(0)), lace(0, 1, 0, tags())}
		for left := n; left > 0; {
			part := min(left, 255)
			left -= part
			// The time stamps lie: all of it within a second.
			sheets = append(sheets, lace(0, len(sheets), 48000, slices.Repeat([][]byte{nothing}, part)...))
		}
		sheets[len(sheets)-1].flags = last
		data := bind(sheets...)
		limits := audio.Limits{Most: 30 * time.Second}
		if _, err := audio.NewClip(data, limits); reason(t, err) != audio.ErrLong {
			t.Errorf("%d packets in %d bytes: %v", n, len(data), err)
		}
		// A too long file must not cost memory in proportion to its claim.
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = audio.NewClip(data, limits)
		runtime.ReadMemStats(&after)
		if mem := after.TotalAlloc - before.TotalAlloc; mem > 1<<20 {
			t.Errorf("%d packets: %d bytes of memory", n, mem)
		}
	}
}

func TestWhatIsNoOggIsRefused(t *testing.T) {
	ogg := bind(good(t)...)
	for name, data := range map[string][]byte{
		"nothing":          nil,
		"WebM":             []byte("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01webm"),
		"WAV":              []byte("RIFF\x24\x08\x00\x00WAVEfmt "),
		"HTML":             []byte("<!doctype html><script>alert(1)</script>"),
		"a polyglot":       append([]byte("%PDF-1.7\n"), ogg...),
		"a polyglot later": append(bytes.Clone(ogg), "PK\x05\x06"...),
		"a byte too much":  append(bytes.Clone(ogg), 0),
	} {
		if _, err := audio.NewClip(data, any30); reason(t, err) != audio.ErrFormat {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACutOffRecordingIsDamagedWhereverItIsCut(t *testing.T) {
	data := bind(record(head(0), tags(), packets(t, 60, 90))...)
	for n := 5; n < len(data); n++ {
		if _, err := audio.NewClip(data[:n], any30); reason(t, err) != audio.ErrDamaged {
			t.Fatalf("the first %d bytes of %d: %v", n, len(data), err)
		}
	}
	if _, err := audio.NewClip(data, any30); err != nil {
		t.Errorf("all of it: %v", err)
	}
}

func TestNoFlippedBitIsTaken(t *testing.T) {
	data := bind(record(head(0), tags(), packets(t, 60, 90))...)
	for i := range data {
		for bit := range 8 {
			data[i] ^= 1 << bit
			if _, err := audio.NewClip(data, any30); reason(t, err) != audio.ErrDamaged && i > 4 {
				t.Fatalf("bit %d of byte %d: %v", bit, i, err)
			}
			data[i] ^= 1 << bit
		}
	}
}

// With the checksum set right again every byte is read for what it is.
func TestNoSealedFlippedBitDoesHarm(t *testing.T) {
	sheets := record(head(0), tags(), packets(t, 60, 90))
	taken, tried := 0, 0
	for i := range sheets {
		page := bind(sheets[i])
		before, after := bind(sheets[:i]...), bind(sheets[i+1:]...)
		for at := range page {
			if at > 60 && at%128 != 0 { // headers whole, of the sound a part
				continue
			}
			tried++
			bad := bytes.Clone(page)
			bad[at] ^= 1 << (at % 8)
			seal(bad)
			c, err := audio.NewClip(slices.Concat(before, bad, after), any30)
			if err != nil {
				reason(t, err)
				continue
			}
			taken++
			if _, err := audio.Parse(c.Ogg); err != nil {
				t.Fatalf("page %d, byte %d: what was taken is broken: %v", i, at, err)
			}
		}
	}
	if t.Logf("%d of %d changes pass for a recording", taken, tried); taken == 0 {
		t.Error("not one: the test looks at nothing")
	}
}

// resealed sets the checksums of whatever pages can be found, so that a fuzzer
// gets behind them.
func resealed(data []byte) []byte {
	data = bytes.Clone(data)
	for at := 0; at+27 <= len(data) && string(data[at:at+4]) == "OggS"; {
		n := 27 + int(data[at+26])
		if at+n > len(data) {
			break
		}
		for _, l := range data[at+27 : at+n] {
			n += int(l)
		}
		if at+n > len(data) {
			break
		}
		seal(data[at : at+n])
		at += n
	}
	return data
}

// FuzzNewClip begins with what lies in testdata/fuzz/FuzzNewClip: small recordings of
// every mode and packing.
func FuzzNewClip(f *testing.F) {
	limits := audio.Limits{Most: 2 * time.Second}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{data, resealed(data)} {
			done := make(chan struct{})
			go func() {
				defer close(done)
				try(t, data, limits)
			}()
			select {
			case <-done:
			case <-time.After(5 * time.Second):
				t.Fatal("it hangs")
			}
		}
	})
}

func try(t *testing.T, data []byte, l audio.Limits) {
	before := bytes.Clone(data)
	c, err := audio.NewClip(data, l)
	if !bytes.Equal(before, data) {
		t.Error("the upload was written to")
	}
	if err != nil {
		n := 0
		for _, r := range reasons {
			if errors.Is(err, r) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d reasons in %v", n, err)
		}
		return
	}
	if c.Duration < l.Least || c.Duration > l.Most || len(c.Peaks) != audio.Bars {
		t.Errorf("%v long, %d peaks", c.Duration, len(c.Peaks))
	}
	if gain := int16(binary.LittleEndian.Uint16(unbind(c.Ogg)[0].body[16:])); gain < -24*256 || gain > 24*256 {
		t.Errorf("a gain of %d", gain)
	}
	again, err := audio.NewClip(c.Ogg, l)
	if err != nil || !bytes.Equal(again.Ogg, c.Ogg) || again.Features != c.Features {
		t.Errorf("taken again: %v, %+v after %+v", err, again.Features, c.Features)
	}
}
