// Package events serves the operations of events: rooms planned for later, and the calendars
// in which people see them.
package events
