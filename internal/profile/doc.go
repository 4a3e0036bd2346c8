// Package profile is what others get to know of somebody: name, languages,
// interests, what they look for, and what they say in their own voice.
//
// It owns the tables profiles, clips and hearings, and decides which names,
// interests, prompts and wishes there are. People remembers what it read: an
// edit is seen at once on the server that made it, and within 30 seconds on the
// others. It knows no address and no session; the sound itself lies on the
// shelf under Clip.Key.
package profile
