package audio

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"math/bits"
	"time"
)

// Recording is one mono Ogg/Opus stream, demultiplexed into packets.
type Recording struct {
	Packets [][]byte // without padding, and without packets wholly after the end
	preSkip int      // samples at Rate that a player drops while the decoder converges
	samples int64    // playing time in samples at Rate, without preSkip
	gain    int      // output gain, in 1/256 dB
	stereo  bool     // a player makes two channels of it; never of what was parsed
}

// Parse demultiplexes an Ogg/Opus file (RFC 3533, RFC 7845) and refuses everything but
// exactly one complete mono stream. It retains no part of data. Errors are ErrFormat,
// ErrStereo, ErrDamaged, and ErrShort if there is no sound.
func Parse(data []byte) (Recording, error) { return parse(data, math.MaxInt64) }

// parseAny is Parse for what Track has written, of one channel or two.
func parseAny(data []byte) (Recording, error) {
	s := stream{limit: math.MaxInt64, stereo: true}
	return s.parse(data)
}

// Duration is the playing time.
func (r Recording) Duration() time.Duration {
	return time.Duration(r.samples) * time.Second / Rate
}

const (
	pageHeader  = 27 // bytes before the lacing values
	maxSegments = 255

	flagContinued = 1
	flagFirst     = 2
	flagLast      = 4

	headSize = 19
	// maxTags limits the comment header in bytes. It is discarded.
	maxTags = 64 << 10
	// maxGranule is about 186 years: no sum with the length of a file overflows.
	maxGranule = 1 << 48
)

// page is one Ogg page with a verified checksum. Its slices alias the file.
type page struct {
	flags    byte
	granule  int64
	serial   uint32
	sequence uint32
	lacing   []byte
	body     []byte
}

// stream is the parser's state between pages.
type stream struct {
	rec     Recording
	stereo  bool  // two channels are as good as one
	limit   int64 // samples at Rate
	pages   uint32
	serial  uint32
	packets int
	part    []byte // a packet that continues on the next page
	open    bool   // part is unfinished
	granule int64
	coded   int64 // samples of all packets
	cut     int64 // samples that the last granule position trims off the end
	ended   bool
}

// parse returns ErrLong as soon as there are more samples than limit plus one page (which
// end trimming could remove), so that memory is bounded by the limit, not by the file.
func parse(data []byte, limit int64) (Recording, error) {
	s := stream{limit: limit}
	return s.parse(data)
}

func (s *stream) parse(data []byte) (Recording, error) {
	for len(data) > 0 {
		if s.ended {
			return Recording{}, fmt.Errorf("%w: something follows its end", ErrFormat)
		}
		p, rest, err := nextPage(data)
		if err != nil {
			if s.pages == 0 {
				return Recording{}, err
			}
			return Recording{}, fmt.Errorf("%w: page %d: %v", ErrDamaged, s.pages, err)
		}
		if err := s.take(p); err != nil {
			return Recording{}, err
		}
		data = rest
	}
	return s.end()
}

// nextPage parses and checks the first page of data. pion's oggreader exposes neither
// sequence numbers nor flags nor lacing values, hence this parser; a test compares the two.
func nextPage(data []byte) (page, []byte, error) {
	if len(data) < 5 || string(data[:4]) != "OggS" || data[4] != 0 {
		return page{}, nil, fmt.Errorf("%w: no page where one should be", ErrFormat)
	}
	cutOff := fmt.Errorf("%w: cut off within a page", ErrDamaged)
	if len(data) < pageHeader {
		return page{}, nil, cutOff
	}
	size := pageHeader + int(data[26])
	if len(data) < size {
		return page{}, nil, cutOff
	}
	lacing := data[pageHeader:size]
	body := size
	for _, n := range lacing {
		size += int(n)
	}
	if len(data) < size {
		return page{}, nil, cutOff
	}
	if binary.LittleEndian.Uint32(data[22:]) != checksum(data[:size]) {
		return page{}, nil, fmt.Errorf("%w: wrong checksum", ErrDamaged)
	}
	return page{
		flags:    data[5],
		granule:  int64(binary.LittleEndian.Uint64(data[6:])),
		serial:   binary.LittleEndian.Uint32(data[14:]),
		sequence: binary.LittleEndian.Uint32(data[18:]),
		lacing:   lacing,
		body:     data[body:size],
	}, data[size:], nil
}

// checksum is the CRC of a page with its own field as zero (RFC 3533, section 6):
// CRC-32/IEEE with reversed bit order and without inversion.
func checksum(page []byte) uint32 {
	turned := make([]byte, len(page))
	for i, b := range page {
		turned[i] = bits.Reverse8(b)
	}
	clear(turned[22:26])
	return bits.Reverse32(^crc32.Update(math.MaxUint32, crc32.IEEETable, turned))
}

func (s *stream) take(p page) error {
	switch {
	case p.flags&^(flagContinued|flagFirst|flagLast) != 0:
		return fmt.Errorf("%w: page %d has unknown flags", ErrFormat, s.pages)
	case s.pages == 0 && p.flags&flagFirst == 0:
		return fmt.Errorf("%w: its beginning is missing", ErrDamaged)
	case s.pages > 0 && (p.flags&flagFirst != 0 || p.serial != s.serial):
		return fmt.Errorf("%w: a second stream", ErrFormat)
	case p.sequence != s.pages:
		return fmt.Errorf("%w: page %d where %d should be", ErrDamaged, p.sequence, s.pages)
	case (p.flags&flagContinued != 0) != s.open:
		return fmt.Errorf("%w: page %d does not go on where the one before ended", ErrDamaged, s.pages)
	}
	s.serial = p.serial
	coded, packets := s.coded, s.packets
	for _, n := range p.lacing {
		s.part = append(s.part, p.body[:n]...)
		p.body = p.body[n:]
		if s.open = n == 255; s.open {
			continue
		}
		if err := s.packet(s.part); err != nil {
			return err
		}
		s.packets++
		s.part = nil
	}
	if s.packets < 2 && len(s.part) > maxTags {
		return fmt.Errorf("%w: tags of more than %d bytes", ErrFormat, maxTags)
	}
	done := s.packets - packets
	// RFC 7845, section 3: the identification header is alone on the first page,
	// and audio begins on a fresh page.
	if (s.pages == 0 && done != 1) || (packets < 2 && (done > 1 || done == 1 && s.open)) {
		return fmt.Errorf("%w: page %d holds more or less than one header", ErrFormat, s.pages)
	}
	s.pages++
	return s.time(p, done, s.coded-coded)
}

// time follows the granule position of a page on which done packets ended, with that many
// samples. It is trusted only for end trimming on the last page: browsers leave gaps where
// nobody spoke, and some writers stamp a full page one packet too early.
func (s *stream) time(p page, done int, samples int64) error {
	s.ended = p.flags&flagLast != 0
	if p.granule == -1 && done == 0 {
		return nil
	}
	if p.granule < s.granule || p.granule > maxGranule || s.packets <= 2 && p.granule > 0 && done > 0 {
		return fmt.Errorf("%w: the time of page %d is %d after %d", ErrDamaged, s.pages-1, p.granule, s.granule)
	}
	if s.ended {
		s.cut = max(0, s.granule+samples-p.granule)
	}
	s.granule = p.granule
	return nil
}

func (s *stream) packet(p []byte) (err error) {
	switch s.packets {
	case 0:
		return s.rec.head(p, s.stereo)
	case 1:
		if !bytes.HasPrefix(p, []byte("OpusTags")) || len(p) > maxTags {
			return fmt.Errorf("%w: no tags after the head, or too much of them", ErrFormat)
		}
		return nil
	}
	check := validatePacket
	if s.stereo {
		check = plainPacket
	}
	if p, err = check(p); err != nil {
		return fmt.Errorf("packet %d: %w", s.packets-2, err)
	}
	s.coded += int64(packetSamples(p))
	if s.coded-int64(s.rec.preSkip)-maxSegments*maxPacketSamples > s.limit {
		return ErrLong
	}
	s.rec.Packets = append(s.rec.Packets, p)
	return nil
}

// head parses the identification header (RFC 7845, section 5.1).
func (r *Recording) head(p []byte, stereo bool) error {
	if len(p) < headSize || !bytes.HasPrefix(p, []byte("OpusHead")) || p[8] != 1 {
		return fmt.Errorf("%w: no Opus head", ErrFormat)
	}
	r.stereo = stereo && p[9] == 2
	if p[9] > 1 && !r.stereo {
		return fmt.Errorf("%w: %d channels", ErrStereo, p[9])
	}
	if p[9] == 0 || p[18] != 0 || len(p) != headSize {
		return fmt.Errorf("%w: %d channels in mapping family %d, a head of %d bytes", ErrFormat, p[9], p[18], len(p))
	}
	r.preSkip = int(binary.LittleEndian.Uint16(p[10:]))
	r.gain = int(int16(binary.LittleEndian.Uint16(p[16:])))
	return nil
}

func (s *stream) end() (Recording, error) {
	if s.pages == 0 {
		return Recording{}, fmt.Errorf("%w: nothing at all", ErrFormat)
	}
	if !s.ended || s.open {
		return Recording{}, fmt.Errorf("%w: its end is missing", ErrDamaged)
	}
	if s.packets < 2 {
		return Recording{}, fmt.Errorf("%w: no tags after the head", ErrFormat)
	}
	r := s.rec
	r.samples = s.coded - s.cut - int64(r.preSkip)
	if r.samples <= 0 {
		return Recording{}, fmt.Errorf("%w: no sound in it", ErrShort)
	}
	for cut := s.cut; ; {
		last := len(r.Packets) - 1
		if cut -= int64(packetSamples(r.Packets[last])); cut < 0 {
			return r, nil
		}
		r.Packets = r.Packets[:last]
	}
}

// build writes r as a new file: nothing of the original but its packets. It is
// deterministic.
func (r Recording) build() []byte {
	serial := uint32(0)
	for _, p := range r.Packets {
		serial = crc32.Update(serial, crc32.IEEETable, p)
	}
	b := begin(serial, r)
	for _, p := range r.Packets {
		b.packet(p)
	}
	b.end(int64(r.preSkip) + r.samples)
	return b.out
}

// begin writes the head of r, and tags that say nothing of it.
func begin(serial uint32, r Recording) *builder {
	b := &builder{serial: serial, flags: flagFirst}
	channels := byte(1)
	if r.stereo {
		channels = 2
	}
	head := append([]byte("OpusHead"), 1, channels)
	head = binary.LittleEndian.AppendUint16(head, uint16(r.preSkip))
	head = binary.LittleEndian.AppendUint32(head, Rate)
	head = binary.LittleEndian.AppendUint16(head, uint16(int16(r.gain)))
	b.add(append(head, 0))
	b.flush()

	const vendor = "heyy"
	tags := binary.LittleEndian.AppendUint32([]byte("OpusTags"), uint32(len(vendor)))
	tags = append(tags, vendor...)
	b.add(binary.LittleEndian.AppendUint32(tags, 0))
	b.flush()
	return b
}

// builder writes pages. Every packet fits into one.
type builder struct {
	out      []byte
	flags    byte
	granule  int64
	serial   uint32
	sequence uint32
	lacing   []byte
	body     []byte
	onPage   int64 // samples
}

// packet writes a packet of sound, about a second of them on a page.
func (b *builder) packet(p []byte) {
	n := int64(packetSamples(p))
	if len(b.lacing) > 0 && (b.onPage+n > Rate || len(b.lacing)+len(p)/255+1 > maxSegments) {
		b.flush()
		b.onPage = 0
	}
	b.add(p)
	b.granule += n
	b.onPage += n
}

// end writes the last page; granule is where the sound ends, with the pre-skip.
func (b *builder) end(granule int64) {
	b.flags |= flagLast
	b.granule = granule
	b.flush()
}

func (b *builder) add(packet []byte) {
	for range len(packet) / 255 {
		b.lacing = append(b.lacing, 255)
	}
	b.lacing = append(b.lacing, byte(len(packet)%255))
	b.body = append(b.body, packet...)
}

func (b *builder) flush() {
	start := len(b.out)
	b.out = append(b.out, "OggS\x00"...)
	b.out = append(b.out, b.flags)
	b.out = binary.LittleEndian.AppendUint64(b.out, uint64(b.granule))
	b.out = binary.LittleEndian.AppendUint32(b.out, b.serial)
	b.out = binary.LittleEndian.AppendUint32(b.out, b.sequence)
	b.out = append(b.out, 0, 0, 0, 0, byte(len(b.lacing)))
	b.out = append(b.out, b.lacing...)
	b.out = append(b.out, b.body...)
	binary.LittleEndian.PutUint32(b.out[start+22:], checksum(b.out[start:]))
	b.flags, b.lacing, b.body = 0, b.lacing[:0], b.body[:0]
	b.sequence++
}
