// Package photo keeps people's photos, and decides who sees them: nobody, until
// two who matched have both offered to show theirs.
//
// Both sides open in one step and close in one step; there is no moment in which
// one of two sees the other and is not seen. Who may not see a photo is told
// that there is none.
//
// It owns the tables photos and reveals. The pictures lie on the shelf under
// Photo.Key, made anew by package picture. It does not know what a match is:
// Pairs does.
package photo
