// Package signin has the operations that start and end sessions: codes, passkeys, and the
// list of devices.
package signin
