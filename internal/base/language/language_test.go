package language_test

import (
	"strings"
	"testing"

	"heyy/internal/base/language"
)

func TestEveryLanguageHasItsTexts(t *testing.T) {
	if language.All[0] != language.Fallback || len(language.All) < 3 {
		t.Fatalf("the languages are %q", language.All)
	}
	for _, tag := range language.All {
		m := language.In(tag).SignIn
		for _, p := range []string{"{code}", "{minutes}"} {
			if !strings.Contains(m.Text(), p) {
				t.Errorf("%s: the mail lacks %s", tag, p)
			}
		}
		if !strings.Contains(m.Subject, "{code}") {
			t.Errorf("%s: the subject lacks the code", tag)
		}
		if tag != language.Fallback && m.Subject == language.In(language.Fallback).SignIn.Subject {
			t.Errorf("%s: the mail is not translated", tag)
		}
	}
	if got := language.In("xx"); got.SignIn.Subject != language.In("en").SignIn.Subject || language.Known("xx") {
		t.Errorf("an unknown language says %+v", got)
	}
}
