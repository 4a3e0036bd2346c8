package audio_test

import (
	"testing"
	"time"

	"heyy/internal/media/audio"
)

func TestJoinedRecordingsAreOneThatIsNoLongerThanAsked(t *testing.T) {
	one, err := audio.Parse(read(t, maya))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		parts       int
		most, least time.Duration
	}{{2, time.Minute, 2 * one.Duration()}, {6, 30 * time.Second, 30 * time.Second}, {1, time.Second, time.Second}} {
		parts := make([]audio.Recording, c.parts)
		for i := range parts {
			parts[i] = one
		}
		all, err := audio.Parse(audio.Concat(c.most, parts...))
		if err != nil {
			t.Fatal(err)
		}
		if d := all.Duration(); d < c.least || d > c.most {
			t.Errorf("%d of %v in %v at most play for %v", c.parts, one.Duration(), c.most, d)
		}
		samples, err := all.Samples()
		if err != nil || len(samples) < int(c.least.Seconds()*audio.Rate) {
			t.Errorf("%d samples: %v", len(samples), err)
		}
	}
}
