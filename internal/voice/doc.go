// Package voice reads Ogg/Opus recordings of one person and measures how they
// sound: pitch, brightness, tempo, energy and loudness.
//
// Parse reads a recording. Take is for those that people upload: it believes
// nothing of what they say about themselves, and gives back a file made anew.
//
// It is pure: no clock, no network, no state, nothing kept of what it heard. It
// never judges who somebody is; the figures only draw an aura. Callers own the
// recordings and bound their size before they come here.
package voice
