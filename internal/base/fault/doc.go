// Package fault is the error type of the domains: a kind for the machine, a stable code for
// the client, a sentence for the person.
//
// A domain creates a Fault where a rule is broken; callers wrap it on the way up;
// internal/edge/httpapi turns it into a problem document (RFC 9457) and logs it, once. An
// error without a Fault in its chain becomes Internal there: a request id, no detail.
// Package fault imports nothing of the project and never logs.
package fault
