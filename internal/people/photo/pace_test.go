package photo

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"testing"

	"golang.org/x/time/rate"

	"heyy/internal/base/fault"
	"heyy/internal/media/imaging"
)

func TestAFewBytesThatUnfoldAreCountedByTheirPixels(t *testing.T) {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, image.NewPaletted(image.Rect(0, 0, 4000, 4000), color.Palette{color.Black, color.White})); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 64<<10 || imaging.Pixels(b.Bytes()) != 16_000_000 {
		t.Fatalf("a picture of %d bytes and %d pixels", b.Len(), imaging.Pixels(b.Bytes()))
	}
	s := New(nil, nil, nil, nil, nil)
	s.pace = rate.NewLimiter(1, imaging.MaxPixels) // a second for each pixel
	if _, err := s.Process(context.Background(), b.Bytes()); err != nil {
		t.Fatal(err)
	}
	_, err := s.Process(context.Background(), b.Bytes())
	if f := fault.As(err); f == nil || f.Code != "server.busy" || f.Kind != fault.Unavailable {
		t.Errorf("the second, in the same second: %v", err)
	}
	// What is refused at a first look costs nothing.
	_, err = s.Process(context.Background(), []byte("GIF89a\x01\x00\x01\x00;"))
	if f := fault.As(err); f == nil || f.Code != "photo.format" {
		t.Errorf("no photo at all: %v", err)
	}
}

func TestWhoCannotBeLookedAtInTimeIsToldSo(t *testing.T) {
	s := New(nil, nil, nil, nil, nil)
	s.slot <- struct{}{} // somebody is being looked at, and stays
	within, stop := context.WithCancel(t.Context())
	stop()
	if f := fault.As(s.acquire(t.Context(), within, 1)); f == nil || f.Code != "server.busy" {
		t.Errorf("%v", f)
	}
}
