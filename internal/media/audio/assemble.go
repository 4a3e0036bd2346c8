package audio

import (
	"io"
	"iter"
	"time"
)

// Piece is a recording and when it starts.
type Piece struct {
	Start time.Duration
	Ogg   []byte // written by Track
}

// Assemble writes the pieces of one speaker, in the order of their starts, as one Ogg/Opus file
// that begins at 0, with silence between them; without pieces it writes nothing. One piece is in
// memory at a time. Of pieces that overlap, what comes later is pushed back by less than a packet.
// Errors are those of Parse, of the pieces and of w.
func Assemble(w io.Writer, pieces iter.Seq2[Piece, error]) error {
	var b *builder
	at := int64(0)
	for p, err := range pieces {
		if err != nil {
			return err
		}
		rec, err := parseAny(p.Ogg)
		if err != nil {
			return err
		}
		if b == nil {
			b = begin(1, Recording{stereo: true}) // another piece may be; one that is not sounds the same
		}
		skip := int64(rec.preSkip)
		start := int64(p.Start * Rate / time.Second)
		for _, packet := range rec.Packets {
			n := int64(packetSamples(packet))
			if skip > 0 { // the piece before has it
				skip -= n
				continue
			}
			for at < start {
				silence := quiet(packet, start-at)
				if silence == nil {
					break
				}
				b.packet(silence)
				at += int64(packetSamples(silence))
				if err := b.send(w, 1<<16); err != nil {
					return err
				}
			}
			b.packet(packet)
			at += n
			start += n
		}
		if err := b.send(w, 1<<16); err != nil {
			return err
		}
	}
	if b == nil {
		return nil
	}
	b.end(at)
	return b.send(w, 0)
}

// quiet returns a packet without sound, of frames like those of another, that plays at most so
// many samples and 120 ms; nil if not even one frame fits. Frames without bytes are such of which
// a decoder makes silence (RFC 6716, sections 2.1.9 and 3.2.5).
func quiet(like []byte, samples int64) []byte {
	one := []byte{like[0] &^ 3}
	frame := int64(packetSamples(one))
	switch frames := min(samples, maxPacketSamples) / frame; frames {
	case 0:
		return nil
	case 1:
		return one
	default:
		return []byte{one[0] | 3, byte(frames)}
	}
}

// send writes the pages that are complete, if they have more than some bytes.
func (b *builder) send(w io.Writer, most int) error {
	if len(b.out) <= most {
		return nil
	}
	_, err := w.Write(b.out)
	b.out = b.out[:0]
	return err
}
