package voice

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Rate is the sample rate of everything decoded here, and the unit of Opus
// time stamps whatever rate the recording was made at.
const Rate = 48000

// ErrFormat says that the bytes are not one mono Ogg/Opus stream.
var ErrFormat = errors.New("not a mono Ogg/Opus recording")

// Recording is one mono Ogg/Opus stream taken apart into its packets.
type Recording struct {
	Packets [][]byte
	preSkip int   // samples the decoder needs to settle, not part of the sound
	samples int64 // samples at Rate, pre-skip excluded
}

// Parse takes an Ogg/Opus file apart (RFC 3533, RFC 7845). It keeps nothing of
// data.
func Parse(data []byte) (Recording, error) {
	var (
		rec     Recording
		part    []byte // a packet that goes on in the next page
		packets int
		granule int64
	)
	for len(data) > 0 {
		page, rest, err := nextPage(data)
		if err != nil {
			return Recording{}, err
		}
		data = rest
		if page.granule >= 0 {
			granule = page.granule
		}
		body := page.body
		for i := 0; i < len(page.lacing); {
			n, done := 0, false
			for i < len(page.lacing) && !done {
				n += int(page.lacing[i])
				done = page.lacing[i] < 255
				i++
			}
			part = append(part, body[:n]...)
			body = body[n:]
			if !done {
				continue
			}
			switch packets {
			case 0:
				if rec.preSkip, err = parseHead(part); err != nil {
					return Recording{}, err
				}
			case 1:
				if !bytes.HasPrefix(part, []byte("OpusTags")) {
					return Recording{}, fmt.Errorf("%w: no tags after the head", ErrFormat)
				}
			default:
				if len(part) > 0 {
					rec.Packets = append(rec.Packets, part)
				}
			}
			packets++
			part = nil
		}
	}
	if len(rec.Packets) == 0 {
		return Recording{}, fmt.Errorf("%w: no sound in it", ErrFormat)
	}
	coded := int64(0)
	for _, p := range rec.Packets {
		coded += int64(packetSamples(p))
	}
	// The last page's granule cuts the padding of the last packet off.
	rec.samples = min(granule, coded) - int64(rec.preSkip)
	if rec.samples <= 0 {
		return Recording{}, fmt.Errorf("%w: no sound in it", ErrFormat)
	}
	return rec, nil
}

type page struct {
	granule int64
	lacing  []byte
	body    []byte
}

func nextPage(data []byte) (page, []byte, error) {
	const header = 27
	if len(data) < header || string(data[:4]) != "OggS" || data[4] != 0 {
		return page{}, nil, fmt.Errorf("%w: no page where one should be", ErrFormat)
	}
	segments := int(data[26])
	if len(data) < header+segments {
		return page{}, nil, fmt.Errorf("%w: cut off", ErrFormat)
	}
	lacing := data[header : header+segments]
	size := 0
	for _, n := range lacing {
		size += int(n)
	}
	body := data[header+segments:]
	if len(body) < size {
		return page{}, nil, fmt.Errorf("%w: cut off", ErrFormat)
	}
	granule := int64(binary.LittleEndian.Uint64(data[6:14]))
	return page{granule: granule, lacing: lacing, body: body[:size]}, body[size:], nil
}

func parseHead(p []byte) (preSkip int, err error) {
	if len(p) < 19 || !bytes.HasPrefix(p, []byte("OpusHead")) {
		return 0, fmt.Errorf("%w: no Opus head", ErrFormat)
	}
	if p[8]>>4 != 0 || p[9] != 1 {
		return 0, fmt.Errorf("%w: version %d, %d channels", ErrFormat, p[8], p[9])
	}
	return int(binary.LittleEndian.Uint16(p[10:12])), nil
}

// packetSamples is how long a packet plays at Rate (RFC 6716, section 3.1).
func packetSamples(p []byte) int {
	if len(p) == 0 {
		return 0
	}
	toc := p[0]
	var frame int
	switch config := toc >> 3; {
	case config < 12: // SILK: 10, 20, 40, 60 ms
		frame = [4]int{480, 960, 1920, 2880}[config&3]
	case config < 16: // hybrid: 10, 20 ms
		frame = [2]int{480, 960}[config&1]
	default: // CELT: 2.5, 5, 10, 20 ms
		frame = [4]int{120, 240, 480, 960}[config&3]
	}
	switch toc & 3 {
	case 0:
		return frame
	case 1, 2:
		return 2 * frame
	default:
		if len(p) < 2 {
			return 0
		}
		return frame * int(p[1]&63)
	}
}

// PacketDuration is how long one Opus packet plays; 0 for one that is broken.
func PacketDuration(p []byte) time.Duration {
	return time.Duration(packetSamples(p)) * time.Second / Rate
}

// Duration is how long the recording plays.
func (r Recording) Duration() time.Duration {
	return time.Duration(r.samples) * time.Second / Rate
}
