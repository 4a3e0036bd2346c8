// Package profile is what others get to know of somebody: name, language,
// interests, the voice intro and what was measured of the voice.
//
// It owns the table profiles, and decides which names and interests there are.
// People remembers what it read: an edit is seen at once on the server that
// made it, and within 30 seconds on the others. It knows no address, no birth
// date and no session; the sound itself lies in the blob store under Intro.Key.
package profile
