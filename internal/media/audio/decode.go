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
	all := make([]float32, 0, r.samples)
	err := r.decode(func(some []float32) error {
		all = append(all, some...)
		return nil
	})
	return all, err
}

// decode passes what Samples returns to f, packet by packet; each piece is valid until f
// returns.
func (r Recording) decode(f func(samples []float32) error) error {
	d, err := NewDecoder()
	if err != nil {
		return err
	}
	skip, left := r.preSkip, int(r.samples)
	for i, p := range r.Packets {
		s, err := d.Decode(p)
		if err != nil {
			return fmt.Errorf("%w: packet %d: %w", ErrDamaged, i, err)
		}
		drop := min(skip, len(s))
		skip -= drop
		s = s[drop:]
		s = s[:min(left, len(s))]
		left -= len(s)
		if err := f(s); err != nil {
			return err
		}
	}
	return nil
}
