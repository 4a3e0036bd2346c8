// Package safety keeps people apart who must not meet: blocks and reports.
//
// It owns the tables blocks and reports. Nobody ever learns that they were
// blocked or reported: to them the other is simply not there. What moderators
// do with reports comes with the safety desk.
package safety
