// Package aura draws the still mark of a person as an image: what lists,
// notifications and link previews show where no page can draw it.
//
// It is pure, and gives the shape and the colours that web/src/ui/aura gives:
// testdata/looks.json says what they are, and both sides' tests hold themselves
// to it. Who changes one side runs `go test ./internal/aura -update` and then
// the tests of both.
package aura
