package message

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
)

// bareGreetings are what people write who have nothing to say yet, in the languages of most
// members. They are compared without case, punctuation, emoji and repeated letters.
var bareGreetings = func() map[string]bool {
	set := map[string]bool{}
	for _, w := range []string{
		"hi", "hey", "hello", "yo", "sup", "hi there", "hey there", "hello there", "good morning", "good evening", "good night", "how are you", "hi how are you", "hey how are you", "hello how are you", "whats up", "hey whats up", "wyd", "hru", "heyy",
		"ciao", "ciao come stai", "ciao come va", "hey ciao", "salve", "buongiorno", "buonasera", "come stai", "come va", "ehi", "ehi ciao", "ciao bella", "ciao bello",
		"你好", "您好", "嗨", "哈喽", "哈啰", "在吗", "在么", "在不在", "你好呀", "你好啊", "嗨你好", "早", "早上好", "晚上好", "晚安", "hi你好",
		"hola", "hola que tal", "que tal", "buenas", "oi", "ola", "salut", "bonjour", "coucou", "ca va", "hallo", "hi wie gehts", "wie gehts", "na", "moin", "servus",
		"привет", "здравствуй", "здравствуйте", "хай", "привіт", "cześć", "hej", "hei", "merhaba", "selam", "slm", "مرحبا", "السلام عليكم", "سلام", "هاي", "שלום", "היי", "नमस्ते", "हाय", "こんにちは", "やあ", "안녕", "안녕하세요", "γεια",
	} {
		set[plain(w)] = true
	}
	return set
}()

// isBareGreeting reports whether a text says no more than hello, or nothing in words.
func isBareGreeting(text string) bool {
	p := plain(text)
	return p == "" || bareGreetings[p]
}

// plain folds case, drops everything but letters and single spaces between words, and
// shortens repeated letters to one.
func plain(text string) string {
	var b strings.Builder
	var last rune
	for _, r := range cases.Fold().String(text) {
		switch {
		case unicode.IsLetter(r) || unicode.Is(unicode.M, r):
		case unicode.IsSpace(r):
			r = ' '
		default: // punctuation and emoji separate nothing: "what's"
			continue
		}
		if r != last {
			b.WriteRune(r)
			last = r
		}
	}
	return strings.TrimSpace(b.String())
}
