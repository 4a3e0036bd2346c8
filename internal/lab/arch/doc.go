// Package arch holds the architecture rules of the code base as tests: imports by layer,
// portable SQL, one owner for each table, size of files, and that the documents match the code.
//
// It has no code of its own. A rule reads the source as text or syntax tree and reports
// where it is broken and what to do instead; a test also runs each rule on a bad example,
// which it must find. To deviate from a rule, change it here, with the reason.
package arch
