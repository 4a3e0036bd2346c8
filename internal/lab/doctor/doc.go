// Package doctor checks whether Heyy can run on this machine and explains what is wrong and
// what to do: ports, audio over UDP, the data folder, the database, the clock, the
// certificate, mail, the contact for push services.
//
// Heyy may be running meanwhile or not. The checks change nothing, except for a file on the
// data disk that they remove. On the internet they contact only name servers and the mail
// server of the configuration.
package doctor
