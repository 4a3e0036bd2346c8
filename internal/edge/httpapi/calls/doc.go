// Package calls has the operations of Call: the queue, calls of two people, and the choice
// after one.
package calls
