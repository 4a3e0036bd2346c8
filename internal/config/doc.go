// Package config is everything an operator may decide, in one struct: defaults,
// then the file heyy.yaml, then the environment, then flags; the later wins.
//
// Each setting has one name in three spellings: media.signal_port in the file,
// HEYY_MEDIA_SIGNAL_PORT in the environment, --media-signal-port as a flag.
// Check says what is wrong in one line, with what to change. Secrets redact
// themselves wherever they are printed; only Reveal shows them.
//
// Package config opens no port, no database and no network connection, and
// keeps no state: a Config is a value.
package config
