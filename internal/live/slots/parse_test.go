package slots

import "errors"

var errPacket = errors.New("not an Opus packet")

// frames splits an Opus packet into its frames as RFC 6716, section 3.2, says.
func frames(p []byte) ([][]byte, error) {
	if len(p) == 0 {
		return nil, errPacket
	}
	body := p[1:]
	equal := func(n int) ([][]byte, error) {
		if n == 0 || len(body)%n != 0 || len(body)/n > 1275 {
			return nil, errPacket
		}
		var all [][]byte
		for i, size := 0, len(body)/n; i < n; i++ {
			all = append(all, body[i*size:(i+1)*size])
		}
		return all, nil
	}
	differing := func(n int) ([][]byte, error) {
		var sizes []int
		for range n - 1 {
			switch {
			case len(body) > 0 && body[0] < 252:
				sizes = append(sizes, int(body[0]))
				body = body[1:]
			case len(body) > 1:
				sizes = append(sizes, int(body[0])+4*int(body[1]))
				body = body[2:]
			default:
				return nil, errPacket
			}
		}
		var all [][]byte
		for _, size := range sizes {
			if size > len(body) {
				return nil, errPacket
			}
			all = append(all, body[:size])
			body = body[size:]
		}
		if len(body) > 1275 {
			return nil, errPacket
		}
		return append(all, body), nil
	}
	switch p[0] & 3 {
	case 0:
		return equal(1)
	case 1:
		return equal(2)
	case 2:
		return differing(2)
	}
	if len(body) == 0 {
		return nil, errPacket
	}
	count := body[0]
	body = body[1:]
	n := int(count & 63)
	if count&0x40 != 0 || n == 0 { // padding, which we never write
		return nil, errPacket
	}
	if count&0x80 != 0 {
		return differing(n)
	}
	return equal(n)
}
