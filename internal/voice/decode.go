package voice

import (
	"fmt"

	"github.com/pion/opus"
)

// maxPacketSamples is the longest Opus packet, 120 ms.
const maxPacketSamples = Rate * 120 / 1000

// Decoder turns Opus packets, one after another, into mono samples at Rate.
type Decoder struct {
	opus opus.Decoder
	out  [maxPacketSamples]float32
}

// NewDecoder makes a decoder for one stream.
func NewDecoder() (*Decoder, error) {
	o, err := opus.NewDecoderWithOutput(Rate, 1)
	if err != nil {
		return nil, fmt.Errorf("make an Opus decoder: %w", err)
	}
	return &Decoder{opus: o}, nil
}

// Decode gives the samples of the next packet, in -1..1. They are valid until
// the next call.
func (d *Decoder) Decode(packet []byte) ([]float32, error) {
	n, err := d.opus.DecodeToFloat32(packet, d.out[:])
	if err != nil {
		return nil, fmt.Errorf("decode an Opus packet of %d bytes: %w", len(packet), err)
	}
	return d.out[:n], nil
}

// Samples decodes the whole recording: mono at Rate, in -1..1.
func (r Recording) Samples() ([]float32, error) {
	d, err := NewDecoder()
	if err != nil {
		return nil, err
	}
	want := r.preSkip + int(r.samples)
	all := make([]float32, 0, want+maxPacketSamples)
	for _, p := range r.Packets {
		s, err := d.Decode(p)
		if err != nil {
			return nil, err
		}
		all = append(all, s...)
	}
	if len(all) < want {
		return nil, fmt.Errorf("%w: %d samples where %d were promised", ErrFormat, len(all), want)
	}
	return all[r.preSkip:want], nil
}
