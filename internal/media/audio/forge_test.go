package audio_test

import (
	"encoding/binary"
	"os"
	"testing"
	"time"

	"heyy/internal/media/audio"
)

// sheet is a page as a forger sees it: everything can be set.
type sheet struct {
	version  byte
	flags    byte
	granule  int64
	serial   uint32
	sequence uint32
	lacing   []byte
	body     []byte
}

const (
	goesOn = 1
	first  = 2
	last   = 4
)

// unbind takes a good file apart into its pages.
func unbind(data []byte) (all []sheet) {
	for len(data) > 0 {
		n := int(data[26])
		s := sheet{
			flags: data[5], granule: int64(binary.LittleEndian.Uint64(data[6:])), serial: binary.LittleEndian.Uint32(data[14:]),
			sequence: binary.LittleEndian.Uint32(data[18:]), lacing: data[27 : 27+n],
		}
		data = data[27+n:]
		n = 0
		for _, l := range s.lacing {
			n += int(l)
		}
		s.body = data[:n]
		data = data[n:]
		all = append(all, s)
	}
	return all
}

// bind puts pages together and seals each with the checksum of RFC 3533, bit by
// bit as it stands there.
func bind(sheets ...sheet) (data []byte) {
	for _, s := range sheets {
		start := len(data)
		data = append(data, "OggS"...)
		data = append(data, s.version, s.flags)
		data = binary.LittleEndian.AppendUint64(data, uint64(s.granule))
		data = binary.LittleEndian.AppendUint32(data, s.serial)
		data = binary.LittleEndian.AppendUint32(data, s.sequence)
		data = append(data, 0, 0, 0, 0, byte(len(s.lacing)))
		data = append(data, s.lacing...)
		data = append(data, s.body...)
		seal(data[start:])
	}
	return data
}

func seal(page []byte) {
	clear(page[22:26])
	crc := uint32(0)
	for _, b := range page {
		crc ^= uint32(b) << 24
		for range 8 {
			if crc&(1<<31) != 0 {
				crc = crc<<1 ^ 0x04c11db7
			} else {
				crc <<= 1
			}
		}
	}
	binary.LittleEndian.PutUint32(page[22:], crc)
}

// lace is a page of whole packets.
func lace(flags byte, sequence int, granule int64, packets ...[]byte) sheet {
	s := sheet{flags: flags, sequence: uint32(sequence), granule: granule, serial: 7}
	for _, p := range packets {
		for range len(p) / 255 {
			s.lacing = append(s.lacing, 255)
		}
		s.lacing = append(s.lacing, byte(len(p)%255))
		s.body = append(s.body, p...)
	}
	return s
}

// head is an identification header: mono, 312 samples of pre-skip.
func head(gain int16) []byte {
	h := append([]byte("OpusHead"), 1, 1, 0x38, 0x01, 0x80, 0xbb, 0, 0)
	return append(binary.LittleEndian.AppendUint16(h, uint16(gain)), 0)
}

func tags(comments ...string) []byte {
	b := binary.LittleEndian.AppendUint32([]byte("OpusTags"), 3)
	b = append(b, "abc"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(comments)))
	for _, c := range comments {
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(c))), c...)
	}
	return b
}

// record makes a file of packets, a page for each ten, that is all in order.
func record(head, tags []byte, packets [][]byte) []sheet {
	all := []sheet{lace(first, 0, 0, head), lace(0, 1, 0, tags)}
	granule := int64(0)
	for at := 0; at < len(packets); at += 10 {
		part := packets[at:min(at+10, len(packets))]
		for _, p := range part {
			granule += int64(audio.PacketDuration(p) * audio.Rate / time.Second)
		}
		all = append(all, lace(0, len(all), granule, part...))
	}
	all[len(all)-1].flags = last
	return all
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

const maya = "../../lab/resident/voices/intro/maya.opus"

// packets are those of a recording, from and to in units of 20 ms.
func packets(t testing.TB, from, to int) [][]byte {
	t.Helper()
	rec, err := audio.Parse(read(t, maya))
	if err != nil {
		t.Fatal(err)
	}
	return rec.Packets[from:to]
}
