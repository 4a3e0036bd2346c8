package audio

import (
	"fmt"

	"github.com/pion/opus"
)

// Rate is the sample rate in Hz of all decoded audio, and the unit of Opus granule
// positions, whatever the rate of the original recording (RFC 7845).
const Rate = 48000

// Decoder decodes consecutive Opus packets to mono samples at Rate.
type Decoder struct {
	opus opus.Decoder
	out  [maxPacketSamples]float32
}

// NewDecoder returns a Decoder for one stream.
func NewDecoder() (*Decoder, error) {
	o, err := opus.NewDecoderWithOutput(Rate, 1)
	if err != nil {
		return nil, fmt.Errorf("make an Opus decoder: %w", err)
	}
	return &Decoder{opus: o}, nil
}

// Decode returns the samples of the next packet, in -1..1 and a little beyond, valid until
// the next call. A panic of the Opus library becomes an error. The decoder is unusable
// after an error.
func (d *Decoder) Decode(packet []byte) (samples []float32, err error) {
	defer func() {
		if r := recover(); r != nil {
			samples, err = nil, fmt.Errorf("decode an Opus packet of %d bytes: %v", len(packet), r)
		}
	}()
	// The race detector is kept out of the library, where it takes ten times the time
	// (scripts/gotests.sh). This is the write it sees, and packetSamples the read.
	d.out[0] = 0
	n, err := d.opus.DecodeToFloat32(packet, d.out[:])
	if err != nil {
		return nil, fmt.Errorf("decode an Opus packet of %d bytes: %w", len(packet), err)
	}
	if n != packetSamples(packet) {
		return nil, fmt.Errorf("decode an Opus packet of %d bytes: %d samples, not %d", len(packet), n, packetSamples(packet))
	}
	return d.out[:n], nil
}

// Samples decodes the whole recording: mono at Rate, in -1..1 and a little beyond, before
// gain. Undecodable packets are ErrDamaged.
func (r Recording) Samples() ([]float32, error) {
	d, err := NewDecoder()
	if err != nil {
		return nil, err
	}
	want := r.preSkip + int(r.samples)
	all := make([]float32, 0, want+maxPacketSamples)
	for i, p := range r.Packets {
		s, err := d.Decode(p)
		if err != nil {
			return nil, fmt.Errorf("%w: packet %d: %w", ErrDamaged, i, err)
		}
		all = append(all, s...)
	}
	return all[r.preSkip:want], nil
}
