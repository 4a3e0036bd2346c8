package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"

	blurhash "github.com/bbrks/go-blurhash"
	scale "golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// What is taken in.
const (
	MaxBytes  = 20 << 20   // of a file
	MaxPixels = 16_000_000 // of a picture
	MaxSide   = 10_000     // pixels
	MinSide   = 64         // pixels
)

const (
	quality  = 85 // of the JPEG that comes out
	hashSide = 32 // pixels that a blurhash looks at, on the longer side
)

// What Take may say; find them with errors.Is. ErrFormat comes as a
// FormatError where the format has a name.
var (
	ErrFormat   = errors.New("picture: this is no JPEG, PNG or WebP")
	ErrAnimated = errors.New("picture: it moves")
	ErrTooBig   = errors.New("picture: it is too large")
	ErrTooSmall = errors.New("picture: it is too small")
	ErrDamaged  = errors.New("picture: it is damaged or cut off")
)

// FormatError is ErrFormat for something we know by name.
type FormatError struct {
	Name string // "HEIC", "AVIF", "GIF", "SVG", "PDF", ...
}

func (e FormatError) Error() string { return "picture: this is " + e.Name + ", not JPEG, PNG or WebP" }

// Is makes it an ErrFormat.
func (e FormatError) Is(target error) bool { return target == ErrFormat }

// Picture is what is kept.
type Picture struct {
	JPEG          []byte
	Width, Height int    // pixels
	Blurhash      string // 4 by 3 components
}

// Take reads a picture and makes it anew: upright, at most longest pixels on
// its longer side, as a JPEG without any metadata. A telephone's photo takes
// about a second and 120 MB, the costliest file of all (progressive and of full
// size) two seconds and 350 MB: callers bound how many come at once.
func Take(data []byte, longest int) (Picture, error) {
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

// read decodes what may be decoded, and says how it has to be turned.
func read(data []byte) (_ image.Image, turn orientation, err error) {
	if len(data) == 0 {
		return nil, 0, ErrDamaged
	}
	if len(data) > MaxBytes {
		return nil, 0, ErrTooBig
	}
	// The decoders are well kept, and fed by strangers.
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
		if data, exif, err = leanJPEG(data); err != nil {
			return nil, 0, err
		}
		config = func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) }
		decode = func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }
	case "PNG":
		if exif, err = lookPNG(data); err != nil {
			return nil, 0, err
		}
		config = func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) }
		decode = func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }
	case "WebP":
		if exif, err = lookWebP(data); err != nil {
			return nil, 0, err
		}
		config = func(b []byte) (image.Config, error) { return webp.DecodeConfig(bytes.NewReader(b)) }
		decode = func(b []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(b)) }
	case "":
		return nil, 0, ErrFormat
	default:
		return nil, 0, FormatError{what}
	}
	c, err := config(data)
	if err != nil {
		return nil, 0, damaged(err)
	}
	switch {
	case c.Width == 0 && c.Height == 0:
		return nil, 0, ErrDamaged // a JPEG that never says its size
	case c.Width > MaxSide || c.Height > MaxSide || c.Width*c.Height > MaxPixels:
		return nil, 0, ErrTooBig
	case c.Width < MinSide || c.Height < MinSide:
		return nil, 0, ErrTooSmall
	}
	src, err := decode(data)
	if err != nil {
		return nil, 0, damaged(err)
	}
	if src.Bounds() != image.Rect(0, 0, c.Width, c.Height) {
		return nil, 0, ErrDamaged
	}
	return src, orientationOf(exif), nil
}

// damaged says what a decoder's error means.
func damaged(err error) error {
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

// ground lies under what is transparent: neither a dark nor a light drawing
// vanishes on it.
var ground = image.NewUniform(color.Gray{Y: 0x80})

// fit is src, opaque, at most longest pixels on its longer side and never
// larger than it was.
func fit(src image.Image, longest int) *image.RGBA {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	side := max(w, h)
	if side > longest {
		w, h = max(1, (w*longest+side/2)/side), max(1, (h*longest+side/2)/side)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), ground, image.Point{}, draw.Src)
	if side <= longest {
		draw.Draw(out, out.Bounds(), src, src.Bounds().Min, draw.Over)
		return out
	}
	// Catmull-Rom keeps 32 bytes for each pixel of the new width and the old
	// height. Means of whole blocks come first, as long as enough is left for it
	// to choose from.
	coarse := means(src, max(1, side*4/(5*longest)))
	scale.CatmullRom.Scale(out, out.Bounds(), coarse, coarse.Bounds(), scale.Over, nil)
	return out
}

// means makes one pixel of each n by n; what is left over at the right and
// below is dropped.
func means(src image.Image, n int) *image.RGBA {
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
