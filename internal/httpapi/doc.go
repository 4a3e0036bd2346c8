// Package httpapi is the edge: it turns requests into calls of the domains and
// their answers into JSON, by the contract in api/openapi.json.
//
// A handler parses, calls and shapes; rules live in the domains. Here, and only
// here, stand sessions, origins, strict JSON, idempotent commands, problem
// documents, and the files of the client. huma does not leave this package.
package httpapi
