// Package clubs has the operations of clubs: finding and founding them, coming in and going,
// links, requests, and what their founders and admins do.
package clubs
