package profile

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// kept are the words by which people recognise those who run the place.
var kept = []string{
	"heyy", "admin", "admins", "administrator", "moderator", "moderators", "staff", "support", "official",
	"amministratore", "amministratrice", "moderatore", "moderatrice", "assistenza", "ufficiale",
}

// keptInside are refused wherever they stand: these scripts do not part words.
var keptInside = []string{"管理员", "管理員", "版主", "客服", "官方"}

// looksLike are letters that are taken for another at a glance. It is meant for
// the words above, not for all of Unicode.
var looksLike = strings.NewReplacer(
	"а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "у", "y", "х", "x", "і", "i", "ѕ", "s", "ԁ", "d", "һ", "h", "т", "t", "м", "m", "н", "h", "в", "b", "к", "k", "ѵ", "v", "ӏ", "i",
	"α", "a", "ε", "e", "ο", "o", "ρ", "p", "υ", "y", "ν", "v", "ι", "i", "τ", "t", "γ", "y", "η", "n", "σ", "o",
	"ı", "i", "ɑ", "a", "ɡ", "g", "ⅿ", "m",
	"0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i", "|", "i", "l", "i",
)

// reserved reports whether a name pretends to run the place: one of its words,
// or all of them together, is such a word, or it speaks of this place.
func reserved(name string) bool {
	for _, k := range keptInside {
		if strings.Contains(norm.NFKC.String(name), k) {
			return true
		}
	}
	if ours(name) {
		return true
	}
	words := wordsOf(name)
	whole := strings.Join(words, "")
	for _, w := range append(words, whole) {
		plain, numbered := fold(w), fold(strings.TrimRight(w, "0123456789")) // adm1n, admin1
		for _, k := range kept {
			if k = fold(k); plain == k || numbered == k {
				return true
			}
		}
	}
	return false
}

// ours reports whether a line speaks of this place: one of its words starts with
// our name.
func ours(line string) bool {
	return slices.ContainsFunc(wordsOf(line), func(w string) bool { return strings.HasPrefix(fold(w), "heyy") })
}

func wordsOf(line string) []string {
	return strings.FieldsFunc(line, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("-_.·,:;/+&()[]", r)
	})
}

// fold makes words alike that look alike.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		if !unicode.Is(unicode.M, r) && !unicode.Is(unicode.Cf, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	folded := looksLike.Replace(b.String())
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, folded)
}
