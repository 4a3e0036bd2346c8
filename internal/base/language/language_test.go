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

func TestEveryMailSaysTheSameInEveryLanguage(t *testing.T) {
	english := language.In(language.Fallback)
	for _, tag := range language.All {
		in := language.In(tag)
		for name, x := range map[string]struct {
			got, want language.Mail
			needs     []string
		}{
			"new_device": {in.NewDevice.Mail, english.NewDevice.Mail, []string{"{device}", "{time}", "{zone}", "{url}"}},
			"digest":     {in.Digest.Mail, english.Digest.Mail, []string{"{waiting}", "{url}", "{unsubscribe}"}},
		} {
			for _, p := range x.needs {
				if strings.Count(x.got.Text(), p) != 1 {
					t.Errorf("%s: %s has %s not once", tag, name, p)
				}
			}
			if x.got.Subject == "" || strings.Contains(x.got.Subject, "{") || tag != language.Fallback && x.got.Subject == x.want.Subject {
				t.Errorf("%s: the subject of %s is %q", tag, name, x.got.Subject)
			}
		}
		if in.NewDevice.Time == "" || in.NewDevice.Unknown == "" || in.Digest.Colon == "" || in.Digest.Comma == "" {
			t.Errorf("%s lacks a word", tag)
		}
		for kind, want := range english.Digest.Waiting {
			got := in.Digest.Waiting[kind]
			if got.Many == "" || strings.Contains(got.Many, "{n}") != strings.Contains(want.Many, "{n}") || tag != language.Fallback && got.Many == want.Many || got.One == got.Many {
				t.Errorf("%s: %s is %+v", tag, kind, got)
			}
		}
	}
}
