// Package profile is what others get to know of somebody: name, language,
// interests, the voice intro and what was measured of the voice.
//
// It owns the table profiles. It decides which names and interests there are,
// and who is called what for as long as People may remember it: an edit is seen
// at once on the server that made it and within 30 seconds on the others. It
// knows no address, no birth date and no session; the sound itself lies in the
// blob store under Intro.Key.
package profile
