// Package ticket makes addresses that open one thing for one viewer for a few
// minutes. It keeps no state: a ticket is its end and a keyed hash.
package ticket
