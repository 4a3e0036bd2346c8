// Package mail sends the few letters Heyy writes: over SMTP, or, in
// development, into an inbox in memory that also tells the terminal.
//
// Post never waits for a mail server: it puts a letter into the Queue, whose
// workers deliver it and try again for a while. Nobody can therefore tell from
// the time an answer takes whether a letter was sent. Letters wait in memory
// only; one that is lost is asked for again. Package mail owns no table and
// never logs an address or a text.
package mail
