package audience

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"time"
)

// Ports makes so many listeners, which need no connection to be flooded, and returns the
// ports of their sockets, for Flood.
func (a *Audience) Ports(listeners int) ([]uint16, error) {
	var ports []uint16
	for range listeners {
		l, err := a.add()
		if err != nil {
			return nil, err
		}
		if l.Number%perSocket == 0 {
			ports = append(ports, l.socket.port)
		}
	}
	return ports, nil
}

// Flood sends packets of so many bytes to each listener of an audience in another process,
// streams of them every period, until ctx ends, and returns how many. It seals each packet
// for its listener by AES-GCM and sends batches: the least that a server of the same sound
// could do.
func Flood(ctx context.Context, ports []uint16, listeners, streams, size int, period time.Duration) (sent int64, err error) {
	s, err := openSocket()
	if err != nil {
		return 0, err
	}
	defer s.close()
	if len(ports)*perSocket < listeners {
		return 0, fmt.Errorf("audience: %d ports are too few for %d listeners", len(ports), listeners)
	}
	seals := make([]cipher.AEAD, listeners)
	for i := range seals {
		key := make([]byte, 16)
		binary.BigEndian.PutUint32(key, uint32(i))
		block, err := aes.NewCipher(key)
		if err != nil {
			return 0, err
		}
		if seals[i], err = cipher.NewGCM(block); err != nil {
			return 0, err
		}
	}
	payload, nonce := make([]byte, size), make([]byte, 12)
	beats := time.NewTicker(period)
	defer beats.Stop()
	for sequence := uint16(0); ; sequence++ {
		select {
		case <-ctx.Done():
			return sent, nil
		case <-beats.C:
		}
		for stream := range streams {
			done, err := s.flood(listeners, func(i int) ([4]byte, uint16) { return addressOf(i), ports[i/perSocket] }, func(i int, buf []byte) int {
				buf[0], buf[1] = 128, payloadType
				binary.BigEndian.PutUint16(buf[2:], sequence)
				binary.BigEndian.PutUint32(buf[4:], uint32(sequence)*960)
				binary.BigEndian.PutUint32(buf[8:], uint32(stream))
				copy(nonce, buf[:12])
				return len(seals[i].Seal(buf[:12], nonce, payload, buf[:12]))
			})
			sent += int64(done)
			if err != nil {
				return sent, fmt.Errorf("after %d packets: %w", sent, err)
			}
		}
	}
}
