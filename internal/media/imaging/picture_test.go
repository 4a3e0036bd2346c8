package imaging_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	blurhash "github.com/bbrks/go-blurhash"

	"heyy/internal/media/imaging"
)

var (
	red   = color.NRGBA{230, 30, 30, 255}
	green = color.NRGBA{30, 200, 30, 255}
	blue  = color.NRGBA{30, 30, 230, 255}
	white = color.NRGBA{240, 240, 240, 255}
	grey  = color.NRGBA{128, 128, 128, 255}
)

// flag has red and green above, blue and white below: no turn of it looks like
// another.
func flag(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := [2][2]color.NRGBA{{red, green}, {blue, white}}[y*2/h][x*2/w]
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func take(t testing.TB, data []byte, longest int) (imaging.Picture, image.Image) {
	t.Helper()
	p, err := imaging.Convert(data, longest)
	if err != nil {
		t.Fatal(err)
	}
	m, err := jpeg.Decode(bytes.NewReader(p.JPEG))
	if err != nil {
		t.Fatal(err)
	}
	if s := m.Bounds().Size(); s.X != p.Width || s.Y != p.Height {
		t.Fatalf("it says %d x %d and is %v", p.Width, p.Height, s)
	}
	return p, m
}

// wantFlag looks into the middle of each quarter.
func wantFlag(t testing.TB, m image.Image, want ...color.NRGBA) {
	t.Helper()
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	for i, at := range []image.Point{{w / 4, h / 4}, {w * 3 / 4, h / 4}, {w / 4, h * 3 / 4}, {w * 3 / 4, h * 3 / 4}} {
		got := color.NRGBAModel.Convert(m.At(at.X, at.Y)).(color.NRGBA)
		for _, d := range []int{int(got.R) - int(want[i].R), int(got.G) - int(want[i].G), int(got.B) - int(want[i].B)} {
			if d < -25 || d > 25 {
				t.Errorf("quarter %d is %v, want %v", i, got, want[i])
				break
			}
		}
	}
}

// chunk is one of a PNG.
func chunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// withChunk puts a chunk behind the header of a PNG.
func withChunk(p []byte, c []byte) []byte {
	const header = 8 + 25
	return append(append(append([]byte{}, p[:header]...), c...), p[header:]...)
}

// withSegment puts a segment at the beginning of a JPEG.
func withSegment(j []byte, marker byte, data []byte) []byte {
	s := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(data)+2))
	return append(append(append([]byte{}, j[:2]...), append(s, data...)...), j[2:]...)
}

// exif is a block with an orientation, and with a place in ASCII.
func exif(order binary.AppendByteOrder, o int) []byte {
	b := []byte("MM\x00*")
	if order == binary.LittleEndian {
		b = []byte("II*\x00")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 0x010e) // a description, in front
	b = order.AppendUint16(b, 2)
	b = order.AppendUint32(b, 20)
	b = order.AppendUint32(b, 38)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, uint16(o))
	b = append(b, 0, 0)
	b = order.AppendUint32(b, 0)
	return append(b, "CANARY GPS 45.46,9.19\x00"...)
}

func TestTakesWhatPeopleHave(t *testing.T) {
	for _, x := range []struct {
		name string
		data []byte
		last color.NRGBA
	}{
		{"JPEG", jpegOf(t, flag(96, 72)), white},
		{"progressive JPEG", file(t, "progressive.jpg"), white},
		{"CMYK JPEG", file(t, "cmyk.jpg"), white},
		{"PNG", pngOf(t, flag(96, 72)), white},
		{"lossy WebP", file(t, "lossy.webp"), white},
		{"lossless WebP", file(t, "lossless.webp"), white},
		{"WebP with holes", file(t, "alpha.webp"), grey},
	} {
		t.Run(x.name, func(t *testing.T) {
			p, m := take(t, x.data, 1280)
			if p.Width != 96 || p.Height != 72 {
				t.Errorf("%d x %d: it was not to be enlarged", p.Width, p.Height)
			}
			wantFlag(t, m, red, green, blue, x.last)
			if cx, cy, err := blurhash.Components(p.Blurhash); err != nil || cx != 4 || cy != 3 {
				t.Errorf("blurhash %q: %d x %d, %v", p.Blurhash, cx, cy, err)
			}
		})
	}
}

// VP8 keeps colours in a limited range; read as the full one, black and white
// turn grey.
func TestLossyWebPKeepsBlackAndWhite(t *testing.T) {
	for _, name := range []string{"range.webp", "range_alpha.webp"} {
		_, m := take(t, file(t, name), 1280)
		for i, want := range []color.NRGBA{{0, 0, 0, 255}, {255, 255, 255, 255}, {255, 0, 0, 255}, {0, 0, 255, 255}} {
			got := color.NRGBAModel.Convert(m.At(64*i+32, 16)).(color.NRGBA)
			for j, pair := range [][2]uint8{{got.R, want.R}, {got.G, want.G}, {got.B, want.B}} {
				if off := int(pair[0]) - int(pair[1]); off < -3 || off > 3 {
					t.Errorf("%s: channel %d is %d, want %d (+-3)", name, j, pair[0], pair[1])
				}
			}
		}
	}
}

func TestWhatIsTransparentLiesOnGrey(t *testing.T) {
	m := flag(300, 200)
	for y := 100; y < 200; y++ {
		for x := 150; x < 300; x++ {
			m.SetNRGBA(x, y, color.NRGBA{})
		}
	}
	for _, longest := range []int{1280, 100} {
		_, out := take(t, pngOf(t, m), longest)
		wantFlag(t, out, red, green, blue, grey)
	}
}

func TestIsMadeSmallerKeepingItsShape(t *testing.T) {
	for _, x := range []struct{ w, h, longest, wantW, wantH int }{
		{1600, 1200, 320, 320, 240},
		{1200, 1600, 320, 240, 320},
		{401, 313, 400, 400, 312},
		{400, 400, 400, 400, 400},
		{64, 9000, 1280, 9, 1280},
		{1999, 67, 100, 100, 3},
	} {
		t.Run(fmt.Sprintf("%dx%d", x.w, x.h), func(t *testing.T) {
			p, m := take(t, jpegOf(t, flag(x.w, x.h)), x.longest)
			if p.Width != x.wantW || p.Height != x.wantH {
				t.Errorf("%d x %d, want %d x %d", p.Width, p.Height, x.wantW, x.wantH)
			}
			if x.wantH > 8 && x.wantW > 16 {
				wantFlag(t, m, red, green, blue, white)
			}
		})
	}
}

func TestStandsUpright(t *testing.T) {
	// How the flag was stored, so that it is seen as red green blue white.
	m := flag(120, 80)
	for o, stored := range map[int]func(x, y int) (int, int, bool){
		1: func(x, y int) (int, int, bool) { return x, y, false },
		2: func(x, y int) (int, int, bool) { return 119 - x, y, false },
		3: func(x, y int) (int, int, bool) { return 119 - x, 79 - y, false },
		4: func(x, y int) (int, int, bool) { return x, 79 - y, false },
		5: func(x, y int) (int, int, bool) { return y, x, true },
		6: func(x, y int) (int, int, bool) { return y, 119 - x, true }, // to be turned right by 90
		7: func(x, y int) (int, int, bool) { return 79 - y, 119 - x, true },
		8: func(x, y int) (int, int, bool) { return 79 - y, x, true }, // to be turned left by 90
	} {
		t.Run(fmt.Sprint(o), func(t *testing.T) {
			raw := image.NewNRGBA(image.Rect(0, 0, 120, 80))
			if _, _, side := stored(0, 0); side {
				raw = image.NewNRGBA(image.Rect(0, 0, 80, 120))
			}
			for y := range 80 {
				for x := range 120 {
					i, j, _ := stored(x, y)
					raw.Set(i, j, m.At(x, y))
				}
			}
			for name, data := range map[string][]byte{
				"JPEG":                withSegment(jpegOf(t, raw), 0xe1, append([]byte("Exif\x00\x00"), exif(binary.LittleEndian, o)...)),
				"JPEG, other way on":  withSegment(jpegOf(t, raw), 0xe1, append([]byte("Exif\x00\x00"), exif(binary.BigEndian, o)...)),
				"PNG":                 withChunk(pngOf(t, raw), chunk("eXIf", exif(binary.BigEndian, o))),
				"JPEG, made smaller":  withSegment(jpegOf(t, raw), 0xe1, append([]byte("Exif\x00\x00"), exif(binary.BigEndian, o)...)),
				"JPEG, XMP before it": withSegment(withSegment(jpegOf(t, raw), 0xe1, append([]byte("Exif\x00\x00"), exif(binary.BigEndian, o)...)), 0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x/>")),
			} {
				longest := 1280
				if strings.Contains(name, "smaller") {
					longest = 60
				}
				p, out := take(t, data, longest)
				if p.Width != min(120, longest) || p.Height != min(80, longest*2/3) {
					t.Errorf("%s: %d x %d", name, p.Width, p.Height)
				}
				wantFlag(t, out, red, green, blue, white)
			}
		})
	}
}

func TestABrokenNoteIsNoReasonToRefuse(t *testing.T) {
	whole := append([]byte("Exif\x00\x00"), exif(binary.LittleEndian, 9)...)
	for n := range len(whole) {
		_, m := take(t, withSegment(jpegOf(t, flag(96, 72)), 0xe1, whole[:n]), 1280)
		wantFlag(t, m, red, green, blue, white)
	}
	lies := bytes.Clone(whole)
	copy(lies[10:], "\xff\xff\xff\xff")
	take(t, withSegment(jpegOf(t, flag(96, 72)), 0xe1, lies), 1280)
}

func TestNothingIsKeptButThePicture(t *testing.T) {
	const canary = "CANARY"
	j, p := jpegOf(t, flag(96, 72)), pngOf(t, flag(96, 72))
	zip := "PK\x03\x04 CANARY PK\x05\x06"
	html := "<!doctype html><script>CANARY</script>"
	w := append(bytes.Clone(file(t, "alpha.webp")), "EXIF\x0a\x00\x00\x00CANARY GPSXMP \x0c\x00\x00\x00<x>CANARY</x"...)
	binary.LittleEndian.PutUint32(w[4:], uint32(len(w)-8))
	for name, data := range map[string][]byte{
		"EXIF of a JPEG":         withSegment(j, 0xe1, append([]byte("Exif\x00\x00"), exif(binary.LittleEndian, 1)...)),
		"XMP of a JPEG":          withSegment(j, 0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x>CANARY</x>")),
		"IPTC of a JPEG":         withSegment(j, 0xed, []byte("Photoshop 3.0\x008BIMCANARY")),
		"ICC of a JPEG":          withSegment(j, 0xe2, []byte("ICC_PROFILE\x00\x01\x01CANARY")),
		"JFIF preview":           withSegment(j, 0xe0, []byte("JFXX\x00\x10CANARY")),
		"Adobe note of a JPEG":   withSegment(j, 0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x01CANARY")),
		"comment of a JPEG":      withSegment(j, 0xfe, []byte("CANARY")),
		"HTML in a comment":      withSegment(j, 0xfe, []byte(html)),
		"ZIP behind a JPEG":      append(bytes.Clone(j), zip...),
		"HTML behind a JPEG":     append(bytes.Clone(j), html...),
		"a JPEG behind a JPEG":   append(bytes.Clone(j), withSegment(j, 0xfe, []byte("CANARY"))...),
		"EXIF of a PNG":          withChunk(p, chunk("eXIf", exif(binary.LittleEndian, 1))),
		"text of a PNG":          withChunk(p, chunk("tEXt", []byte("Comment\x00CANARY"))),
		"long text of a PNG":     withChunk(p, chunk("iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00CANARY"))),
		"private chunk of a PNG": withChunk(p, chunk("heYy", []byte("CANARY"))),
		"ZIP behind a PNG":       append(bytes.Clone(p), zip...),
		"HTML behind a PNG":      append(bytes.Clone(p), html...),
		"notes of a WebP":        w,
		"HTML behind a WebP":     append(bytes.Clone(file(t, "lossy.webp")), html...),
	} {
		t.Run(name, func(t *testing.T) {
			if !bytes.Contains(data, []byte(canary)) {
				t.Fatal("the test has lost its canary")
			}
			out, m := take(t, data, 1280)
			if bytes.Contains(out.JPEG, []byte(canary)) {
				t.Error("it sings on")
			}
			for at := 2; out.JPEG[at+1] != 0xda; at += 2 + int(binary.BigEndian.Uint16(out.JPEG[at+2:])) {
				if k := out.JPEG[at+1]; k >= 0xe0 && k <= 0xef || k == 0xfe {
					t.Errorf("a segment of kind %x", k)
				}
			}
			if end := bytes.Index(out.JPEG, []byte{0xff, 0xd9}); end != len(out.JPEG)-2 {
				t.Errorf("%d bytes stand behind the end", len(out.JPEG)-2-end)
			}
			last := white
			if name == "notes of a WebP" {
				last = grey
			}
			wantFlag(t, m, red, green, blue, last)
		})
	}
}

// header is a PNG that says its size and has no picture.
func header(w, h uint32) []byte {
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	p := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(ihdr, 8, 6, 0, 0, 0))...)
	return append(p, chunk("IEND", nil)...)
}

func TestSaysWhatIsWrong(t *testing.T) {
	j, p := jpegOf(t, flag(96, 72)), pngOf(t, flag(96, 72))
	var still, moving bytes.Buffer
	paletted := image.NewPaletted(image.Rect(0, 0, 96, 72), []color.Color{red, blue})
	if err := gif.Encode(&still, paletted, nil); err != nil {
		t.Fatal(err)
	}
	if err := gif.EncodeAll(&moving, &gif.GIF{Image: []*image.Paletted{paletted, paletted}, Delay: []int{9, 9}}); err != nil {
		t.Fatal(err)
	}
	torn := bytes.Clone(p)
	torn[len(torn)/2] ^= 0xff
	huge := bytes.Clone(j)
	sof := bytes.Index(huge, []byte{0xff, 0xc0})
	copy(huge[sof+5:], "\xff\xff\xff\xff")
	wide := bytes.Clone(file(t, "alpha.webp"))
	copy(wide[24:], "\xff\x3f\x00\xff\x3f\x00")
	unusual := bytes.Clone(j)
	unusual[sof+1] = 0xc9 // arithmetic coding
	for _, x := range []struct {
		name string
		data []byte
		want error
		kind string
	}{
		{"nothing", nil, imaging.ErrDamaged, ""},
		{"text", []byte("hello"), imaging.ErrFormat, ""},
		{"HTML", []byte("<html><body>"), imaging.ErrFormat, ""},
		{"HEIC of a telephone", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic rest"), imaging.ErrFormat, "HEIC"},
		{"HEIC otherwise", []byte("\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic rest"), imaging.ErrFormat, "HEIC"},
		{"AVIF", []byte("\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf rest"), imaging.ErrFormat, "AVIF"},
		{"film", []byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"), imaging.ErrFormat, "a film"},
		{"GIF", still.Bytes(), imaging.ErrFormat, "GIF"},
		{"moving GIF", moving.Bytes(), imaging.ErrFormat, "GIF"},
		{"SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), imaging.ErrFormat, "SVG"},
		{"SVG with a prologue", []byte("\ufeff <?xml version=\"1.0\"?>\n<!-- x --><SVG/>"), imaging.ErrFormat, "SVG"},
		{"PDF", []byte("%PDF-1.7"), imaging.ErrFormat, "PDF"},
		{"arithmetic JPEG", unusual, imaging.ErrFormat, ""},
		{"moving PNG", withChunk(p, chunk("acTL", make([]byte, 8))), imaging.ErrAnimated, ""},
		{"moving WebP", file(t, "animated.webp"), imaging.ErrAnimated, ""},
		{"enormous PNG in 57 bytes", header(1<<31-1, 1<<31-1), imaging.ErrTooBig, ""},
		{"enormous JPEG", huge, imaging.ErrTooBig, ""},
		{"enormous WebP", wide, imaging.ErrTooBig, ""},
		{"enormous WebP in 34 bytes", []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\xff\xff\xff\x0f\x00\x00\x00\x00\x00\x00\x00\x00\x00"), imaging.ErrTooBig, ""},
		{"long PNG", header(10_001, 64), imaging.ErrTooBig, ""},
		{"17 megapixels", header(4200, 4048), imaging.ErrTooBig, ""},
		{"heavy file", append(bytes.Clone(j), make([]byte, imaging.MaxBytes)...), imaging.ErrTooBig, ""},
		{"narrow", jpegOf(t, flag(63, 500)), imaging.ErrTooSmall, ""},
		{"one pixel", pngOf(t, flag(1, 1)), imaging.ErrTooSmall, ""},
		{"largest PNG without a picture", header(4000, 4000), imaging.ErrDamaged, ""},
		{"torn PNG", torn, imaging.ErrDamaged, ""},
		{"JPEG without a frame", []byte("\xff\xd8\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\xff\xd9"), imaging.ErrDamaged, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			out, err := imaging.Convert(x.data, 1280)
			if !errors.Is(err, x.want) || out.JPEG != nil {
				t.Fatalf("%v, want %v", err, x.want)
			}
			var f imaging.FormatError
			if errors.As(err, &f); f.Name != x.kind {
				t.Errorf("it was taken for %q", f.Name)
			}
		})
	}
}

func TestWhatIsCutOffIsDamaged(t *testing.T) {
	for name, whole := range map[string][]byte{
		"JPEG": jpegOf(t, flag(96, 72)), "progressive JPEG": file(t, "progressive.jpg"), "PNG": pngOf(t, flag(96, 72)),
		"lossy WebP": file(t, "lossy.webp"), "lossless WebP": file(t, "lossless.webp"), "WebP with holes": file(t, "alpha.webp"),
	} {
		for n := 12; n < len(whole); n++ { // before that it is nothing yet
			if _, err := imaging.Convert(whole[:n], 1280); !errors.Is(err, imaging.ErrDamaged) {
				t.Fatalf("%s after %d of %d bytes: %v", name, n, len(whole), err)
			}
		}
	}
}

// A progressive JPEG may pass over its picture as often as it likes, ten bytes
// each time: a megabyte of that would take minutes.
func TestDoesNotPassOverAPictureForEver(t *testing.T) {
	j := file(t, "progressive.jpg")
	last := bytes.LastIndex(j, []byte{0xff, 0xda})
	again := j[last : len(j)-2]
	var long []byte
	long = append(long, j[:len(j)-2]...)
	for range 10_000 {
		long = append(long, again...)
	}
	if _, err := imaging.Convert(append(long, 0xff, 0xd9), 1280); !errors.Is(err, imaging.ErrDamaged) {
		t.Error(err)
	}
}
