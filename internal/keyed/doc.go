// Package keyed is a mutex for each key.
package keyed
