// Package discovery decides who may be shown to whom, in which order, and why;
// and keeps what two people chose of each other until it is a match.
//
// Fits is the rule, pure and the same from both sides. Everybody who can be
// shown lies in memory, some 160 bytes each, filled in the background by Run;
// the rows are the truth, and what was chosen from memory is read again from
// them before it leaves. Likes are secret: nothing that B can read tells what A
// chose, until both chose each other.
//
// It owns the tables pairs, choosers, choices, exposures, tastes and bells. It
// reads profiles, accounts, clips, regions, regards, blocks and reports, and
// writes none of them. It knows no name, no photo and no sound. See docs/adr/0007.
package discovery
