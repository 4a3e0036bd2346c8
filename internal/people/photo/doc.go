// Package photo manages photos and their reveal: a photo is hidden from everybody until two
// matched people have both offered to show theirs.
//
// # Invariants
//
// A reveal opens and closes for both sides in one transaction: at no moment does one see
// the other without being seen. A photo that may not be seen is answered like one that does
// not exist.
//
// It owns the tables photos and reveals. The JPEG is the blob under Photo.Key, made by
// package imaging. Matches tells who matched.
package photo
