// Package listening has the benchmark `heyy bench listen`: large audiences of the listening
// tier, beside a stock LiveKit server and a bare loop that sends, each in a process of its own.
//
// The rows of one size are measured one after another, with the same speakers. A panel is the
// speakers, a tally counts what arrives, and suite runs the rows. It asserts nothing: the report
// lists what was promised and whether it holds.
package listening
