// Package aura renders the still image of a person's aura, for places where no page can
// draw it: lists, notifications, link previews.
//
// It is pure. Shape and colours equal those of web/src/ui/aura: testdata/looks.json is the
// shared fixture, checked by the tests of both sides. After a change run `go test
// ./internal/media/aura -update`, then the tests of both sides.
package aura
