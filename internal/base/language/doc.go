// Package language is the list of supported languages, and the texts that the server itself
// sends: mails.
//
// A language is supported if texts has a file named by its tag (en, it, zh). The client has
// a catalogue of the same name in web/src/i18n; a test in internal/lab/arch compares the
// two lists. English comes first in the list and is the fallback for missing texts.
//
// Package language keeps no state and knows nothing of people.
package language
