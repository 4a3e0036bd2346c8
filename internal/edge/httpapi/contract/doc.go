// Package contract puts the whole HTTP API together: the operations of all domains, the
// live events, and the vocabulary, as api/openapi.json has them.
package contract
