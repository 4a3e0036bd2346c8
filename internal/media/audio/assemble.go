package audio

import (
	"slices"
	"time"
)

// Piece is a recording and when it starts.
type Piece struct {
	Start time.Duration
	Ogg   []byte // written by Track
}

// Assemble writes the pieces of one speaker into one Ogg/Opus file that begins at 0, with silence
// between them. Of pieces that overlap, what comes later is pushed back by less than a packet.
// Errors are those of Parse, of the piece.
func Assemble(pieces []Piece) ([]byte, error) {
	slices.SortFunc(pieces, func(a, b Piece) int { return int(a.Start - b.Start) })
	var all Recording
	at := int64(0)
	for _, p := range pieces {
		rec, err := parseAny(p.Ogg)
		if err != nil {
			return nil, err
		}
		all.stereo = all.stereo || rec.stereo
		skip := int64(rec.preSkip)
		start := int64(p.Start * Rate / time.Second)
		for _, packet := range rec.Packets {
			n := int64(packetSamples(packet))
			if skip > 0 { // the piece before has it
				skip -= n
				continue
			}
			silence := []byte{packet[0] &^ 3}
			for frame := int64(packetSamples(silence)); start-at >= frame; at += frame {
				all.Packets = append(all.Packets, silence)
			}
			all.Packets = append(all.Packets, packet)
			at += n
			start += n
		}
	}
	all.samples = at
	return all.build(), nil
}
