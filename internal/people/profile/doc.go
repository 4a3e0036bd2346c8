// Package profile manages what others learn of a person: name, languages, interests,
// preferences, work and voice clips.
//
// It owns the tables profiles, profile_changes, clips and hearings, and the lists of
// allowed keys. People caches: an edit is visible at once on the server that made it, and
// within 30 seconds on others. It knows neither addresses nor sessions; the audio of a clip
// is the blob under Clip.Key. Of other packages it reads:
//   - accounts: the birth date, for the age, and whether it is a resident
package profile
