// Package presence has the operations of presence: which friends are here, and what they see
// of oneself.
package presence
