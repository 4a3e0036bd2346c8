package slots

import (
	"math"

	"heyy/internal/media/audio"
)

const (
	lowest = -127 // dBov
	// unknown is the level of what cannot be decoded: that of somebody quiet. If our decoder
	// is wrong they are still heard, and nobody gets the slot of somebody louder with rubbish.
	unknown = -40
	// penalty is how many packets of a voice are not decoded after one that cannot be, as
	// each costs a new decoder (0.4 ms).
	penalty = 10
)

// Meter measures levels by decoding. It has a decoder for each voice that it has measured.
// Its methods must not run at the same time.
type Meter struct {
	voices map[uint32]*metered
	calls  uint64
}

type metered struct {
	decoder *audio.Decoder // nil: the next packet gets a new one
	skip    int            // packets
	call    uint64         // the last one
}

// NewMeter returns a Meter without voices.
func NewMeter() *Meter { return &Meter{voices: map[uint32]*metered{}} }

// Level decodes the next packet of a voice and returns its level in dBov, -127..0 (a sine of
// full scale has -3), and that of somebody quiet if it cannot be decoded.
func (m *Meter) Level(voice uint32, payload []byte) int {
	m.calls++
	v := m.voices[voice]
	if v == nil {
		m.makeRoom()
		v = &metered{}
		m.voices[voice] = v
	}
	v.call = m.calls
	if v.skip > 0 {
		v.skip--
		return unknown
	}
	if v.decoder == nil {
		d, err := audio.NewDecoder()
		if err != nil {
			return unknown
		}
		v.decoder = d
	}
	pcm, err := v.decoder.Decode(payload)
	if err != nil {
		v.decoder, v.skip = nil, penalty // it is unusable after an error
		return unknown
	}
	power := 0.0
	for _, x := range pcm {
		power += float64(x) * float64(x)
	}
	level := 10 * math.Log10(power/float64(len(pcm)))
	if math.IsNaN(level) {
		return unknown
	}
	return int(math.Round(min(0, max(lowest, level))))
}

// makeRoom keeps the number of decoders bounded even if nobody calls Forget.
func (m *Meter) makeRoom() {
	if len(m.voices) < maxVoices {
		return
	}
	var old uint32
	first := uint64(math.MaxUint64)
	for id, v := range m.voices {
		if v.call < first {
			old, first = id, v.call
		}
	}
	delete(m.voices, old)
}

// Forget frees the decoder of a voice that left.
func (m *Meter) Forget(voice uint32) { delete(m.voices, voice) }
