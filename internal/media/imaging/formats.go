package imaging

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// sniff returns the format of data by its magic bytes, or "".
func sniff(data []byte) string {
	for _, known := range []struct{ name, begins string }{
		{"JPEG", "\xff\xd8\xff"},
		{"PNG", "\x89PNG\r\n\x1a\n"},
		{"GIF", "GIF87a"},
		{"GIF", "GIF89a"},
		{"PDF", "%PDF-"},
		{"TIFF", "II*\x00"},
		{"TIFF", "MM\x00*"},
		{"BMP", "BM"},
		{"JPEG XL", "\xff\x0a"},
		{"JPEG XL", "\x00\x00\x00\x0cJXL "},
	} {
		if bytes.HasPrefix(data, []byte(known.begins)) {
			return known.name
		}
	}
	if len(data) >= 12 {
		switch {
		case string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
			return "WebP"
		case string(data[4:8]) == "ftyp":
			return ftypBrand(data)
		}
	}
	text := strings.TrimLeft(strings.TrimPrefix(string(data[:min(len(data), 1024)]), "\ufeff"), " \t\r\n")
	if strings.HasPrefix(text, "<") && strings.Contains(strings.ToLower(text), "<svg") {
		return "SVG"
	}
	return ""
}

// ftypBrand distinguishes files that begin with an ftyp box (ISO 14496-12, 4.3): AVIF,
// HEIC, and otherwise video.
func ftypBrand(data []byte) string {
	end := min(int(min(binary.BigEndian.Uint32(data), 256)), len(data))
	name := "a film"
	for at := 8; at+4 <= end; at += 4 {
		if at == 12 {
			continue // the minor version
		}
		switch string(data[at : at+4]) {
		case "avif", "avis":
			return "AVIF"
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1":
			name = "HEIC"
		}
	}
	return name
}

// maxScans limits the scans of a progressive JPEG: libjpeg writes 24 at most, ten are
// usual. Ten bytes of file ask for one more, and each visits every block.
const maxScans = 24

// stripJPEG returns a JPEG without anything that does not contribute to the pixels:
// comments, profiles, previews, and what follows the end marker. The EXIF segment is
// returned separately.
func stripJPEG(data []byte) (lean, exif []byte, err error) {
	const (
		soi, eoi, sos = 0xd8, 0xd9, 0xda
		rst0, rst7    = 0xd0, 0xd7
		app0, app1    = 0xe0, 0xe1
		app14, app15  = 0xee, 0xef
		com           = 0xfe
	)
	lean = make([]byte, 0, len(data))
	lean = append(lean, 0xff, soi)
	for at := 2; ; {
		// Bytes before a marker are entropy-coded data or fill bytes.
		next := bytes.IndexByte(data[at:], 0xff)
		if next < 0 || at+next+1 >= len(data) {
			return nil, nil, ErrDamaged
		}
		lean = append(lean, data[at:at+next]...)
		at += next
		marker := data[at+1]
		switch {
		case marker == 0xff: // fill byte
			at++
			continue
		case marker == 0x00 || marker >= rst0 && marker <= rst7:
			lean = append(lean, 0xff, marker)
			at += 2
			continue
		case marker == eoi:
			lean = append(lean, 0xff, eoi)
			if bytes.Count(lean, []byte{0xff, sos}) > maxScans {
				return nil, nil, ErrDamaged
			}
			return lean, exif, nil
		case at+4 > len(data):
			return nil, nil, ErrDamaged
		}
		size := int(binary.BigEndian.Uint16(data[at+2:]))
		if size < 2 || at+2+size > len(data) {
			return nil, nil, ErrDamaged
		}
		segment := data[at : at+2+size]
		at += len(segment)
		switch {
		case marker == app1 && exif == nil && bytes.HasPrefix(segment[4:], []byte("Exif\x00\x00")):
			exif = segment[4:]
		case marker >= app0 && marker <= app15 && marker != app0 && marker != app14, marker == com:
			// APP0 (JFIF) and APP14 (Adobe) define the colour space, so they stay
		default:
			lean = append(lean, segment...)
		}
	}
}

// pngEXIF returns the EXIF chunk of a PNG, and ErrAnimated for an animation.
func pngEXIF(data []byte) (exif []byte, err error) {
	for rest := data[8:]; len(rest) >= 12; {
		size := int64(binary.BigEndian.Uint32(rest))
		if size > int64(len(rest))-12 {
			return nil, ErrDamaged
		}
		switch string(rest[4:8]) {
		case "acTL":
			return nil, ErrAnimated
		case "eXIf":
			exif = rest[8 : 8+size]
		case "IEND":
			return exif, nil
		}
		rest = rest[12+size:]
	}
	return nil, ErrDamaged
}

// webpEXIF returns the EXIF chunk of a WebP, and ErrAnimated for an animation.
func webpEXIF(data []byte) (exif []byte, err error) {
	end := int64(binary.LittleEndian.Uint32(data[4:])) + 8
	if end > int64(len(data)) {
		return nil, ErrDamaged
	}
	for rest := data[12:max(end, 12)]; len(rest) >= 8; {
		size := int64(binary.LittleEndian.Uint32(rest[4:]))
		if size > int64(len(rest))-8 {
			return nil, ErrDamaged
		}
		switch string(rest[:4]) {
		case "ANIM", "ANMF":
			return nil, ErrAnimated
		case "EXIF":
			exif = rest[8 : 8+size]
		}
		rest = rest[min(8+size+size%2, int64(len(rest))):]
	}
	return exif, nil
}
