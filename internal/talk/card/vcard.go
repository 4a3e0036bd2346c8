package card

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Contact is what a vCard has of a person.
type Contact struct {
	Name    string
	Role    string
	Company string
	Links   []string // addresses (RFC 3986)
	Note    string
}

// AppendVCard appends a contact as a vCard 4.0 (RFC 6350). The encoder of emersion/go-vcard is
// not used: it neither folds lines nor escapes the semicolons of a structured value, and it
// escapes the commas of addresses, which are no text.
func AppendVCard(b []byte, c Contact) []byte {
	b = appendLine(b, "BEGIN:VCARD")
	b = appendLine(b, "VERSION:4.0")
	b = appendLine(b, "KIND:individual")
	b = appendLine(b, "FN:"+escape(c.Name))
	b = appendLine(b, "N:;"+escape(c.Name)+";;;") // not required any more, but older programs show nothing without it
	if c.Role != "" {
		b = appendLine(b, "TITLE:"+escape(c.Role))
	}
	if c.Company != "" {
		b = appendLine(b, "ORG:"+escape(c.Company))
	}
	for _, link := range c.Links {
		b = appendLine(b, "URL:"+printable(link, false))
	}
	if c.Note != "" {
		b = appendLine(b, "NOTE:"+escape(c.Note))
	}
	return appendLine(b, "END:VCARD")
}

var escaper = strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`, "\n", `\n`)

// escape writes text as a component of a value (RFC 6350, 3.4).
func escape(text string) string {
	return escaper.Replace(printable(strings.ReplaceAll(text, "\r\n", "\n"), true))
}

// printable drops control characters, and with them whatever could begin another line.
func printable(text string, lines bool) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && (r != '\n' || !lines) {
			return -1
		}
		return r
	}, text)
}

// maxLine is the length of a line in octets, without its end (RFC 6350, 3.2).
const maxLine = 75

// appendLine appends a content line, folded between characters.
func appendLine(b []byte, line string) []byte {
	for free := maxLine; len(line) > free; free = maxLine - 1 { // a continued line begins with a space
		cut := free
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		b = append(b, line[:cut]...)
		b = append(b, "\r\n "...)
		line = line[cut:]
	}
	b = append(b, line...)
	return append(b, "\r\n"...)
}
