package mail

import (
	"context"
	"fmt"
	"strings"
)

// Mail is one letter to one person, plain text.
type Mail struct {
	To      string
	Subject string
	Text    string
}

// A Carrier takes a letter to where it belongs, or says why not. An error that
// has a Permanent() bool that is true will not become better by trying again.
type Carrier interface {
	Deliver(ctx context.Context, m Mail) error
}

// SignIn is the letter with a sign-in code, in the person's language (en, it or
// zh; anything else is en). The code stands in the subject, so that a lock
// screen shows it.
func SignIn(to, language, code string, minutes int) Mail {
	t, ok := signIn[language]
	if !ok {
		t = signIn["en"]
	}
	return Mail{
		To:      to,
		Subject: fmt.Sprintf(t.subject, code),
		Text:    strings.NewReplacer("{code}", code, "{minutes}", fmt.Sprint(minutes)).Replace(t.text),
	}
}

var signIn = map[string]struct{ subject, text string }{
	"en": {"%s is your code for Heyy", `Hello,

your code is {code}. Type it where you asked for it and come in.

It works once, for {minutes} minutes. Nobody from Heyy will ever ask you for it.
If it was not you who asked, there is nothing to do.

Heyy
`},
	"it": {"%s è il tuo codice per Heyy", `Ciao,

il tuo codice è {code}. Scrivilo dove l'hai chiesto ed entra.

Vale una volta sola, per {minutes} minuti. Nessuno di Heyy te lo chiederà mai.
Se non l'hai chiesto tu, non devi fare nulla.

Heyy
`},
	"zh": {"%s 是你的 Heyy 验证码", `你好，

你的验证码是 {code}。在刚才的页面输入它，就可以进来了。

验证码只能使用一次，{minutes} 分钟内有效。Heyy 的任何人都不会向你索要它。
如果不是你本人的操作，忽略这封邮件即可。

Heyy
`},
}
