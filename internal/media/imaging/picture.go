package imaging

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"

	blurhash "github.com/bbrks/go-blurhash"
	scale "golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// Limits of an upload.
const (
	MaxBytes  = 20 << 20   // bytes of a file
	MaxPixels = 16_000_000 // width times height
	MaxSide   = 10_000     // pixels
	MinSide   = 64         // pixels
)

const (
	quality  = 85 // of the resulting JPEG
	hashSide = 32 // pixels on the longer side, as input of the blurhash
)

// Errors of Convert; test for them with errors.Is. ErrFormat is a FormatError if the format
// is known.
var (
	ErrFormat   = errors.New("picture: this is no JPEG, PNG or WebP")
	ErrAnimated = errors.New("picture: it moves")
	ErrTooBig   = errors.New("picture: it is too large")
	ErrTooSmall = errors.New("picture: it is too small")
	ErrDamaged  = errors.New("picture: it is damaged or cut off")
)

// FormatError is ErrFormat with the name of a known format.
type FormatError struct {
	Name string // "HEIC", "AVIF", "GIF", "SVG", "PDF", ...
}

func (e FormatError) Error() string { return "picture: this is " + e.Name + ", not JPEG, PNG or WebP" }

// Is makes errors.Is(e, ErrFormat) true.
func (e FormatError) Is(target error) bool { return target == ErrFormat }

// Picture is a converted picture.
type Picture struct {
	JPEG          []byte
	Width, Height int    // pixels
	Blurhash      string // 4 by 3 components
}

// Convert decodes a picture and encodes it as an upright JPEG without metadata, of at most
// longest pixels on its longer side. A phone's photo takes about 1 s and 120 MB, the
// costliest file (progressive, full size) 2 s and 350 MB: callers limit concurrency.
func Convert(data []byte, longest int) (Picture, error) {
	src, turn, err := read(data)
	if err != nil {
		return Picture{}, err
	}
	out := upright(fit(src, longest), turn)
	hash, err := blurhash.Encode(4, 3, fit(out, hashSide))
	if err != nil {
		return Picture{}, fmt.Errorf("picture: blurhash: %w", err)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, out, &jpeg.Options{Quality: quality}); err != nil {
		return Picture{}, fmt.Errorf("picture: encode: %w", err)
	}
	size := out.Bounds().Size()
	return Picture{JPEG: b.Bytes(), Width: size.X, Height: size.Y, Blurhash: hash}, nil
}

// Pixels is the number of pixels that Convert will decode, a measure of its cost. It is 0
// for what Convert refuses without decoding.
func Pixels(data []byte) int {
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || c.Width > MaxSide || c.Height > MaxSide || c.Width*c.Height > MaxPixels {
		return 0
	}
	return c.Width * c.Height
}

// read checks and decodes a picture, and returns its stored orientation.
func read(data []byte) (_ image.Image, turn orientation, err error) {
	if len(data) == 0 {
		return nil, 0, ErrDamaged
	}
	if len(data) > MaxBytes {
		return nil, 0, ErrTooBig
	}
	// The input is untrusted: a decoder's panic must not end the process.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
	}()
	var config func([]byte) (image.Config, error)
	var decode func([]byte) (image.Image, error)
	var exif []byte
	switch what := sniff(data); what {
	case "JPEG":
		if data, exif, err = stripJPEG(data); err != nil {
			return nil, 0, err
		}
		config = func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) }
		decode = func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }
	case "PNG":
		if exif, err = pngEXIF(data); err != nil {
			return nil, 0, err
		}
		config = func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) }
		decode = func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }
	case "WebP":
		if exif, err = webpEXIF(data); err != nil {
			return nil, 0, err
		}
		config = func(b []byte) (image.Config, error) { return webp.DecodeConfig(bytes.NewReader(b)) }
		decode = func(b []byte) (image.Image, error) {
			m, err := webp.Decode(bytes.NewReader(b))
			fullRange(m)
			return m, err
		}
	case "":
		return nil, 0, ErrFormat
	default:
		return nil, 0, FormatError{what}
	}
	c, err := config(data)
	if err != nil {
		return nil, 0, decodeError(err)
	}
	switch {
	case c.Width == 0 && c.Height == 0:
		return nil, 0, ErrDamaged // a JPEG without a frame header
	case c.Width > MaxSide || c.Height > MaxSide || c.Width*c.Height > MaxPixels:
		return nil, 0, ErrTooBig
	case c.Width < MinSide || c.Height < MinSide:
		return nil, 0, ErrTooSmall
	}
	src, err := decode(data)
	if err != nil {
		return nil, 0, decodeError(err)
	}
	if src.Bounds() != image.Rect(0, 0, c.Width, c.Height) {
		return nil, 0, ErrDamaged
	}
	return src, orientationOf(exif), nil
}

// fullRange expands the value range of a lossy WebP in place. VP8 stores luma as 16..235
// and chroma as 16..240 (BT.601, RFC 6386 9.2), while image.YCbCr converts as if they were
// 0..255: black would become dark grey, white light grey.
func fullRange(m image.Image) {
	var planes *image.YCbCr
	switch m := m.(type) {
	case *image.YCbCr:
		planes = m
	case *image.NYCbCrA:
		planes = &m.YCbCr
	default:
		return // lossless, or nil
	}
	stretchRange(planes.Y, 16, 0, 219)
	stretchRange(planes.Cb, 128, 128, 224)
	stretchRange(planes.Cr, 128, 128, 224)
}

// stretchRange scales the values of a plane from a range of span to 255, mapping from to
// to.
func stretchRange(plane []uint8, from, to, span int) {
	var table [256]uint8
	for v := range table {
		table[v] = uint8(min(max(to+int(math.Round(float64(v-from)*255/float64(span))), 0), 255))
	}
	for i, v := range plane {
		plane[i] = table[v]
	}
}

// decodeError maps a decoder's error to one of ours.
func decodeError(err error) error {
	var j jpeg.UnsupportedError
	var p png.UnsupportedError
	if errors.Is(err, png.UnsupportedError("dimension overflow")) {
		return ErrTooBig
	}
	if errors.As(err, &j) || errors.As(err, &p) {
		return fmt.Errorf("%w: %v", ErrFormat, err)
	}
	return fmt.Errorf("%w: %v", ErrDamaged, err)
}

// background lies under transparent pixels: mid-grey shows dark and light drawings alike.
var background = image.NewUniform(color.Gray{Y: 0x80})

// fit returns src, opaque, scaled down to at most longest pixels on its longer side; it
// never enlarges.
func fit(src image.Image, longest int) *image.RGBA {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	side := max(w, h)
	if side > longest {
		w, h = max(1, (w*longest+side/2)/side), max(1, (h*longest+side/2)/side)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), background, image.Point{}, draw.Src)
	if side <= longest {
		draw.Draw(out, out.Bounds(), src, src.Bounds().Min, draw.Over)
		return out
	}
	// Catmull-Rom needs 32 bytes per pixel of new width times old height. A box
	// filter comes first, leaving enough resolution for it.
	coarse := downsample(src, max(1, side*4/(5*longest)))
	scale.CatmullRom.Scale(out, out.Bounds(), coarse, coarse.Bounds(), scale.Over, nil)
	return out
}

// downsample averages blocks of n by n pixels; the remainder at the right and bottom is
// dropped.
func downsample(src image.Image, n int) *image.RGBA {
	from := src.Bounds()
	w, h := max(1, from.Dx()/n), max(1, from.Dy()/n)
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	rows := image.NewRGBA(image.Rect(0, 0, from.Dx(), min(n, from.Dy())))
	across, down := min(n, from.Dx()), rows.Rect.Dy()
	for y := range h {
		draw.Draw(rows, rows.Rect, src, from.Min.Add(image.Pt(0, y*n)), draw.Src)
		for x := range w {
			var sum [4]int
			for j := range down {
				for p := rows.Pix[j*rows.Stride+x*n*4:][:across*4]; len(p) > 0; p = p[4:] {
					sum[0] += int(p[0])
					sum[1] += int(p[1])
					sum[2] += int(p[2])
					sum[3] += int(p[3])
				}
			}
			many := across * down
			for c, s := range sum {
				out.Pix[y*out.Stride+x*4+c] = uint8((s + many/2) / many)
			}
		}
	}
	return out
}
