package imaging_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/jpeg"
	"testing"

	"heyy/internal/media/imaging"
)

// FuzzConvert: whatever comes in, what comes out is a picture of a right size, or
// one of the errors that were promised.
func FuzzConvert(f *testing.F) {
	for _, name := range []string{"alpha.webp", "animated.webp", "lossless.webp", "lossy.webp", "cmyk.jpg", "progressive.jpg"} {
		f.Add(file(f, name))
	}
	j, p := jpegOf(f, flag(64, 64)), pngOf(f, flag(64, 64))
	f.Add(withSegment(j, 0xe1, append([]byte("Exif\x00\x00"), exif(binary.LittleEndian, 6)...)))
	f.Add(withChunk(p, chunk("eXIf", exif(binary.BigEndian, 8))))
	f.Add(withChunk(p, chunk("acTL", make([]byte, 8))))
	f.Add(header(1<<31-1, 1<<31-1))
	f.Add([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"))
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := imaging.Convert(data, 100)
		if err != nil {
			for _, known := range []error{imaging.ErrFormat, imaging.ErrAnimated, imaging.ErrTooBig, imaging.ErrTooSmall, imaging.ErrDamaged} {
				if errors.Is(err, known) {
					return
				}
			}
			t.Fatalf("an error nobody was promised: %v", err)
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(out.JPEG))
		if err != nil || c.Width != out.Width || c.Height != out.Height || max(c.Width, c.Height) > 100 || out.Blurhash == "" {
			t.Fatalf("%v, %+v", err, c)
		}
	})
}
