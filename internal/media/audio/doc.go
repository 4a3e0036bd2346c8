// Package audio parses Ogg/Opus recordings of one speaker and measures the voice: pitch,
// brightness, tempo, energy and loudness.
//
// Parse reads a recording. NewClip validates an upload: it trusts none of its metadata and
// writes a new file. All functions are pure: no clock, no network, no state. Callers limit
// the size of the input. The features only shape an aura; nothing rates a voice.
package audio
