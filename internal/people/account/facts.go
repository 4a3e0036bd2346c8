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

// NewDevice: somebody signed in to a complete account in a browser that had not signed in to
// it before, or had forgotten it.
type NewDevice struct {
	Account ID        `json:"account"`
	Session SessionID `json:"session"` // the new one
	Device  string    `json:"device"`  // see Device
}

// KindNewDevice is the kind of NewDevice in the outbox.
const KindNewDevice = "account.new_device"

// Kind implements outbox.Fact.
func (NewDevice) Kind() string { return KindNewDevice }

// Scope implements outbox.Fact.
func (f NewDevice) Scope() string { return "account:" + string(f.Account) }

// Order implements outbox.Fact. It is 0: each fact is complete in itself.
func (NewDevice) Order() int64 { return 0 }
