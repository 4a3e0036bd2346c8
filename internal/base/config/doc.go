// Package config holds all settings of an operator in one struct. Sources, later ones win:
// defaults, the file heyy.yaml, the environment, flags.
//
// Each setting has one name in three spellings: media.signal_port in the file,
// HEYY_MEDIA_SIGNAL_PORT in the environment, --media-signal-port as a flag. Check returns
// the first mistake in one line, with what to change. A Secret redacts itself wherever it
// is printed; only Reveal returns it.
//
// Package config opens no port, database or connection, and keeps no state: a Config is a
// value.
package config
