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

func TestEveryPushSaysTheSameInEveryLanguage(t *testing.T) {
	english := language.In(language.Fallback).Push
	for _, tag := range language.All {
		for key, want := range english {
			got := language.In(tag).Push[key]
			texts := func(p language.Push) []string {
				return []string{p.Title, p.Plain, p.Named, p.Many, p.NamedMany, p.Accept, p.Decline}
			}
			for i, text := range texts(got) {
				if (text == "") != (texts(want)[i] == "") {
					t.Errorf("%s: %s says %+v", tag, key, got)
				}
			}
			if tag != language.Fallback && got.Plain == want.Plain {
				t.Errorf("%s: %s is not translated", tag, key)
			}
			for _, p := range []string{"{name}", "{n}", "{detail}"} {
				for i, text := range texts(got) {
					if strings.Contains(text, p) != strings.Contains(texts(want)[i], p) {
						t.Errorf("%s: %s has %s in one language only: %q", tag, key, p, text)
					}
				}
			}
		}
	}
}
