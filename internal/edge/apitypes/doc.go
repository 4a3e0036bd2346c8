// Package apitypes defines the public shapes of people, rooms and live events. HTTP
// responses and live events share them, so a client has one type for each thing.
//
// It only converts: it reads no database and decides nothing.
package apitypes
