// Package discover has the operations of Discover: the deck, choices, and matches with
// their reveal of photos.
package discover
