// Package keylock has locks per key: Mutex (mutual exclusion) and Count (a semaphore with a
// limit). Both keep an entry only while a key is in use.
package keylock
