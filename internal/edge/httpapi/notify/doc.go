// Package notify has the operations of notifications: the notification centre, what is
// pushed, and the push subscription of a session.
package notify
