// Package page implements the paging of lists: the newest item first, and a cursor
// instead of a number of items, so that a list which grows at its top neither repeats
// nor skips one. Clients send `?before=<cursor>&limit=`.
package page
