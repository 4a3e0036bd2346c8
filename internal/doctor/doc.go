// Package doctor tries what Heyy will need and says in plain words what is
// wrong and what to do: ports, audio over UDP, the data folder, the database,
// the clock, the certificate, mail.
//
// It looks at a house that is not running, or beside one that is; it changes
// nothing, and what it writes to try the disk it removes. It asks nobody on the
// internet but the name servers and the mail server the configuration names.
package doctor
