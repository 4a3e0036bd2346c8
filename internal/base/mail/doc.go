// Package mail sends mails over SMTP, or in development keeps them in an in-memory Inbox and
// writes a line to the terminal.
//
// Sign-in codes go through a Queue. Queue.Post never waits for the mail server: workers
// deliver from the queue and retry with back-off. Response times therefore do not reveal
// whether a mail was sent. The queue is in memory only; a lost sign-in mail is requested
// again. Mails of notifications have a queue of their own, in rows; see package notify. So
// they delay no code, and Budget leaves codes most of what the mail server takes.
//
// Package mail owns no table and never logs an address or a text.
package mail
