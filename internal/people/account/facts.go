package account

// SignedOut: a session ended, by its person, by age or by an operator. Its sockets have to
// close, and its room or call has to be left.
type SignedOut struct {
	Account ID        `json:"account"`
	Session SessionID `json:"session"`
	JoinID  string    `json:"admission,omitempty"` // the join that the session made, see SetJoin
}

// Kind implements outbox.Fact.
func (SignedOut) Kind() string { return "account.signed_out" }

// Scope implements outbox.Fact.
func (f SignedOut) Scope() string { return "account:" + string(f.Account) }

// Order implements outbox.Fact. It is 0: each fact is complete in itself.
func (SignedOut) Order() int64 { return 0 }
