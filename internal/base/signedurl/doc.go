// Package signedurl signs URLs: a ticket grants one viewer access to one resource for a few
// minutes. A ticket is an expiry time and an HMAC; nothing is stored.
package signedurl
