// Package httpapi is the core of the HTTP edge. It turns requests into calls of
// operations and their answers into JSON: sessions, origins, strict JSON, idempotent
// commands, budgets, uploads, problem documents, connections, and the files of the client.
//
// It knows no domain but accounts. Each package below it has the operations of one domain,
// and adds them with Register; a handler parses, calls and shapes, and rules live in the
// domains. Package contract puts them together. huma is used here and in those packages only.
package httpapi
