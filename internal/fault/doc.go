// Package fault gives every error a kind for the machine, a stable code for
// the client and a sentence for the person.
//
// A fault is made where a rule is broken, wrapped on the way up and shaped
// once, at the edge (httpapi). Errors that are no fault become an Internal one
// there, with a request id and no detail. Package fault imports nothing of the
// project and logs nothing.
package fault
