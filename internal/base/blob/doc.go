// Package blob is the file store for recordings and pictures: intros, photos, voice
// messages, evidence. It keeps files below a folder; the same interface (gocloud.dev) fits
// an object store such as S3.
//
// # Keys
//
// A key is a path of lower-case letters, digits, - and _, such as
// "intro/0190d3a2/voice.ogg". Its extension determines the content type.
//
// # Invariants
//
// A write is atomic: the whole blob is there, or the previous one. It survives a crash once
// Put has returned. Package blob checks no permission: the caller does, before opening a
// blob.
package blob
