package devinbox_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/mail"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/contract"
	"heyy/internal/edge/httpapi/devinbox"
)

func TestTheDevelopmentInboxIsForThisMachineOnly(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	v := h.Visitor(t)
	v.SignIn("anna@example.org")
	var mails devinbox.Mails
	v.Want(http.StatusOK, "", "GET", "/api/dev/inbox", "").Into(t, &mails)
	if len(mails.Mails) != 1 || mails.Mails[0].To != "anna@example.org" || mails.Mails[0].At == 0 {
		t.Errorf("%+v", mails)
	}
	for _, through := range []string{"X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host", "Via", "CF-Connecting-IP"} {
		v.Want(http.StatusNotFound, "request.no_such_path", "GET", "/api/dev/inbox", "", through, "203.0.113.7")
	}
	v.Want(http.StatusNotFound, "request.no_such_path", "GET", "/api/dev/inbox", "", "Host", "evil.example:8080")
	log := slog.New(slog.DiscardHandler)
	for name, c := range map[string]struct {
		inbox *mail.Inbox
		peer  string
	}{
		"from elsewhere": {h.Inbox, "203.0.113.7:4000"},
		"with SMTP":      {nil, "127.0.0.1:4000"},
	} {
		alone := apitest.Site(contract.New(httpapi.Config{DB: h.DB, Log: log, Origins: []string{"http://localhost:8080"}}, contract.Services{Accounts: h.Accounts, Inbox: c.inbox}))
		r := httptest.NewRequest("GET", "/api/dev/inbox", nil)
		r.RemoteAddr = c.peer
		w := httptest.NewRecorder()
		alone.ServeHTTP(w, r)
		if w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "anna") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}
