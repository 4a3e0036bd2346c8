package aura

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// Size of a cluster in pixels: what programs that show links ask for.
const (
	ClusterWidth  = 1200
	ClusterHeight = 630
)

// MaxCluster is how many auras a cluster shows.
const MaxCluster = 5

// night is the background of the client's dark theme.
var night = [3]uint8{0x15, 0x10, 0x1a}

// ClusterPNG renders auras side by side on the night of the client, the first MaxCluster of them.
// It is deterministic.
func ClusterPNG(looks []Look) ([]byte, error) {
	looks = looks[:min(len(looks), MaxCluster)]
	img := image.NewRGBA(image.Rect(0, 0, ClusterWidth, ClusterHeight))
	for i := 0; i < len(img.Pix); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = night[0], night[1], night[2], 0xff
	}
	// They overlap a little, as in the lobby: a veil has soft edges.
	size := min(540, 1080*5/(4*len(looks)+1)) // leaves a margin
	step := size * 4 / 5
	left := (ClusterWidth - size - step*(len(looks)-1)) / 2
	for i, look := range looks {
		draw(img, look, image.Pt(left+i*step, (ClusterHeight-size)/2), size)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// draw paints a look over what is there.
func draw(img *image.RGBA, look Look, at image.Point, size int) {
	paint := ring()
	if !look.Plain {
		paint = glow(look, size)
	}
	scale := 2 * halfWidth / float64(size)
	for py := range size {
		for px := range size {
			d := paint((float64(px)+0.5)*scale-halfWidth, (float64(py)+0.5)*scale-halfWidth, scale)
			if d.a < 0.5/255 {
				continue
			}
			below := img.RGBAAt(at.X+px, at.Y+py)
			of := func(c float64, below uint8) uint8 {
				return uint8(clip(c+float64(below)/255*(1-d.a))*(255/quantum)+0.5) * quantum
			}
			img.SetRGBA(at.X+px, at.Y+py, color.RGBA{of(d.r, below.R), of(d.g, below.G), of(d.b, below.B), 0xff})
		}
	}
}
