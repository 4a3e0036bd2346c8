// Package mail sends mails (today: sign-in codes) over SMTP, or in development keeps them
// in an in-memory Inbox and writes a line to the terminal.
//
// Queue.Post never waits for the mail server: workers deliver from the queue and retry with
// back-off. Response times therefore do not reveal whether a mail was sent. The queue is in
// memory only; a lost sign-in mail is requested again. Package mail owns no table and never
// logs an address or a text.
package mail
