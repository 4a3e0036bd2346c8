// Package apitest runs the HTTP API on a real database for tests, with mail, files and the
// domains behind it, but without a media server. A Visitor is a client of it.
package apitest
