// Package blob keeps what people record: intros, voice messages, evidence. One
// machine keeps it as files below a folder; the same calls fit an object store.
//
// A key is a path of small letters, digits, - and _, such as
// "intro/0190d3a2/voice.ogg"; its ending says what kind of thing it is. What is
// put is there whole or not at all, and survives a crash once Put has returned.
// Package blob knows no person and no permission: who may hear something is
// asked before it is opened.
package blob
