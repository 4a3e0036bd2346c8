package imaging

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation is the EXIF tag 0x0112: where the first row and column of the stored picture
// belong. 1 is upright; 5 to 8 swap width and height.
type orientation int

// orientationOf parses an EXIF block, which is a TIFF file without a picture (CIPA DC-008,
// 4.6.4). Anything unreadable counts as upright.
func orientationOf(exif []byte) orientation {
	exif = bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
	if len(exif) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	switch string(exif[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
	default:
		return 1
	}
	at := int64(order.Uint32(exif[4:]))
	if at > int64(len(exif))-2 {
		return 1
	}
	fields := exif[at+2:]
	for range order.Uint16(exif[at:]) {
		if len(fields) < 12 {
			return 1
		}
		const short = 3
		if order.Uint16(fields) == 0x0112 && order.Uint16(fields[2:]) == short {
			if o := order.Uint16(fields[8:]); o >= 1 && o <= 8 {
				return orientation(o)
			}
			return 1
		}
		fields = fields[12:]
	}
	return 1
}

// upright rotates and mirrors a stored picture to its intended orientation.
func upright(src *image.RGBA, o orientation) *image.RGBA {
	if o <= 1 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	size := image.Rect(0, 0, w, h)
	if o >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			to := image.Pt(x, y)
			switch o {
			case 2:
				to = image.Pt(w-1-x, y)
			case 3:
				to = image.Pt(w-1-x, h-1-y)
			case 4:
				to = image.Pt(x, h-1-y)
			case 5:
				to = image.Pt(y, x)
			case 6:
				to = image.Pt(h-1-y, x)
			case 7:
				to = image.Pt(h-1-y, w-1-x)
			case 8:
				to = image.Pt(y, w-1-x)
			}
			copy(out.Pix[to.Y*out.Stride+to.X*4:][:4], src.Pix[y*src.Stride+x*4:])
		}
	}
	return out
}
