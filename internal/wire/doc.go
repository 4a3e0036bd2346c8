// Package wire is what leaves the house: the public shapes of people, rooms and
// live events, as a stranger may see them. HTTP answers and live events use the
// same ones, so a client knows one form of each thing.
//
// Package wire only shapes; it reads no database and decides nothing.
package wire
