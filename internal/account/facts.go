package account

// SignedOut says that a session ended, by its person, by age or by us. Sockets
// that were opened with it have to close.
type SignedOut struct {
	Account ID        `json:"account"`
	Session SessionID `json:"session"`
}

// Kind is "account.signed_out".
func (SignedOut) Kind() string { return "account.signed_out" }

// Scope is the account's own.
func (f SignedOut) Scope() string { return "account:" + string(f.Account) }

// Order is 0: these facts have no sequence, each says all there is.
func (SignedOut) Order() int64 { return 0 }
