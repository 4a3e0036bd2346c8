package account

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"heyy/internal/db"
	"heyy/internal/fault"
	"heyy/internal/id"
	"heyy/internal/text"
)

const (
	ceremonyLife = 5 * time.Minute
	mostPasskeys = 20 // of one account
)

// PasskeyID names one passkey of an account.
type PasskeyID string

// Passkey is a key of its owner's device with which they sign in.
type Passkey struct {
	ID         PasskeyID
	Name       string // by its owner
	CreatedAt  time.Time
	LastUsedAt time.Time // zero: never
}

// Ceremony is the first half of using a passkey: what the browser has to be
// told. It is good for five minutes and one answer.
type Ceremony struct {
	ID      string
	Options json.RawMessage // PublicKeyCredential{Creation,Request}OptionsJSON of WebAuthn
}

// relyingParty is who we are to an authenticator: the host name of origin.
func relyingParty(origin *url.URL) (*webauthn.WebAuthn, error) {
	five := webauthn.TimeoutConfig{Timeout: ceremonyLife, TimeoutUVD: ceremonyLife} // told only; the row enforces
	return webauthn.New(&webauthn.Config{
		RPID:                  origin.Hostname(),
		RPDisplayName:         "Heyy",
		RPOrigins:             []string{origin.Scheme + "://" + origin.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification:   protocol.VerificationPreferred,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: five, Registration: five},
		// We ask for no extension; some password managers answer one anyway.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
}

// owner is an account as the WebAuthn library wants to see it. The user handle
// is the account's id in 16 bytes: random, and no secret.
type owner struct {
	handle  []byte
	name    string
	holding []webauthn.Credential
}

func (o owner) WebAuthnID() []byte                         { return o.handle }
func (o owner) WebAuthnName() string                       { return o.name }
func (o owner) WebAuthnDisplayName() string                { return o.name }
func (o owner) WebAuthnCredentials() []webauthn.Credential { return o.holding }

func ownerOf(who ID, name string) (owner, error) {
	u, err := uuid.Parse(string(who))
	return owner{handle: u[:], name: name}, err
}

// StartPasskey begins to add a passkey to by's account.
func (s *Service) StartPasskey(ctx context.Context, by ID) (_ Ceremony, err error) {
	defer fault.Wrap(&err, "start a passkey of %s", by)
	if s.passkeys == nil {
		return Ceremony{}, noPasskeys()
	}
	a, err := s.Of(ctx, by)
	if err != nil {
		return Ceremony{}, err
	}
	o, err := ownerOf(by, a.Email)
	if err != nil {
		return Ceremony{}, err
	}
	if o.holding, err = credentials(ctx, s.db, `WHERE account_id = $1`, string(by)); err != nil {
		return Ceremony{}, err
	}
	if len(o.holding) >= mostPasskeys {
		return Ceremony{}, tooManyPasskeys()
	}
	creation, data, err := s.passkeys.BeginRegistration(o,
		webauthn.WithExclusions(webauthn.Credentials(o.holding).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, err
	}
	return s.start(ctx, by, creation.Response, data)
}

func tooManyPasskeys() error {
	return fault.New(fault.Conflict, "passkey.too_many", fmt.Sprintf("You have %d passkeys. Remove one first.", mostPasskeys))
}

func noPasskeys() error {
	return fault.New(fault.Conflict, "passkey.unavailable", "Passkeys need a domain name, and this place has none.")
}

// NewPasskey is the second half of adding one.
type NewPasskey struct {
	Ceremony   string
	Name       string
	Credential json.RawMessage // RegistrationResponseJSON of WebAuthn
}

// AddPasskey checks what the authenticator made and keeps it. A ceremony that
// is over, of somebody else or answered wrongly is passkey.failed.
func (s *Service) AddPasskey(ctx context.Context, by ID, n NewPasskey) (_ Passkey, err error) {
	defer fault.Wrap(&err, "add a passkey of %s", by)
	name, err := text.Line("body.name", n.Name, 40)
	if err != nil {
		return Passkey{}, err
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes(n.Credential)
	if err != nil {
		return Passkey{}, fault.At("body.credential", "passkey.malformed", "This is no answer of a passkey.")
	}
	now := s.now().Truncate(time.Millisecond)
	p := Passkey{ID: PasskeyID(id.New()), Name: name, CreatedAt: now}
	var no error // committed before it is said: the ceremony is used up
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		var data webauthn.SessionData
		no = fault.New(fault.Invalid, "passkey.failed", "That did not work with this passkey. Try again.")
		if ok, err := take(ctx, tx, n.Ceremony, string(by), now, &data); err != nil || !ok {
			return err
		}
		a, err := one(ctx, tx, `WHERE id = $1`, string(by))
		if err != nil {
			return err
		}
		o, err := ownerOf(by, a.Email)
		if err != nil {
			return err
		}
		made, err := s.passkeys.CreateCredential(o, data, answer)
		if err != nil {
			s.log.Info("account: passkey refused", "err", err)
			return nil
		}
		no = nil
		var have int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM passkeys WHERE account_id = $1`, string(by)).Scan(&have); err != nil {
			return err
		}
		if have >= mostPasskeys {
			return tooManyPasskeys()
		}
		kept, err := json.Marshal(made)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO passkeys (id, account_id, credential_id, credential, name, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(p.ID), string(by), base64.RawURLEncoding.EncodeToString(made.ID), string(kept), name, db.Millis(now))
		if db.IsUnique(err) {
			return fault.New(fault.Conflict, "passkey.known", "This passkey is here already.")
		}
		return err
	})
	if err == nil {
		err = no
	}
	if err != nil {
		return Passkey{}, err
	}
	return p, nil
}

// StartPasskeySignIn begins to sign somebody in who says who they are with the
// passkey itself.
func (s *Service) StartPasskeySignIn(ctx context.Context, from netip.Addr) (_ Ceremony, err error) {
	defer fault.Wrap(&err, "start to sign in with a passkey")
	if err := s.guesses.allow(from, s.now()); err != nil {
		return Ceremony{}, err
	}
	if s.passkeys == nil {
		return Ceremony{}, noPasskeys()
	}
	assertion, data, err := s.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationPreferred))
	if err != nil {
		return Ceremony{}, err
	}
	return s.start(ctx, "", assertion.Response, data)
}

// PasskeyProof is the second half of signing in with a passkey.
type PasskeyProof struct {
	Ceremony   string
	Credential json.RawMessage // AuthenticationResponseJSON of WebAuthn
	Device     string
	From       netip.Addr
}

// PasskeySignIn exchanges the answer of an authenticator for a session. Unknown
// passkeys, wrong signatures and ceremonies that are over are all
// passkey.failed. A signature counter that went back is passkey.cloned: a copy
// of the key exists, and no copy of it signs in again.
func (s *Service) PasskeySignIn(ctx context.Context, p PasskeyProof) (_ Account, token string, err error) {
	defer fault.Wrap(&err, "sign in with a passkey")
	now := s.now()
	if err := s.guesses.allow(p.From, now); err != nil {
		return Account{}, "", err
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes(p.Credential)
	if err != nil {
		return Account{}, "", fault.At("body.credential", "passkey.malformed", "This is no answer of a passkey.")
	}
	var a Account
	var no error // committed before it is said: the ceremony is used up
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		var data webauthn.SessionData
		no = passkeyFailed()
		if ok, err := take(ctx, tx, p.Ceremony, "", now, &data); err != nil || !ok {
			return err
		}
		var whose ID
		if whose, no, err = s.check(ctx, tx, data, answer, now); err != nil || no != nil {
			return err
		}
		if a, err = one(ctx, tx, `WHERE id = $1`, string(whose)); err != nil {
			return err
		}
		if a.Refused {
			no = tooYoung()
			return nil
		}
		token, err = s.open(ctx, tx, a.ID, p.Device, now)
		return err
	})
	if err == nil {
		err = no
	}
	if err != nil {
		return Account{}, "", err
	}
	return a, token, nil
}

// check holds an answer against the passkey it claims to be of, and keeps the
// passkey's new counter.
func (s *Service) check(ctx context.Context, tx *sql.Tx, data webauthn.SessionData, answer *protocol.ParsedCredentialAssertionData, now time.Time) (whose ID, no, err error) {
	key := base64.RawURLEncoding.EncodeToString(answer.RawID)
	// The row is the lock: two answers at once must not read the same counter.
	known, err := db.Changed(tx.ExecContext(ctx, `UPDATE passkeys SET last_used_at = last_used_at WHERE credential_id = $1`, key))
	if err != nil {
		return "", nil, err
	}
	if !known {
		return "", passkeyFailed(), nil
	}
	if err := tx.QueryRowContext(ctx, `SELECT account_id FROM passkeys WHERE credential_id = $1`, key).Scan(&whose); err != nil {
		return "", nil, err
	}
	o, err := ownerOf(whose, "")
	if err != nil {
		return "", nil, err
	}
	if o.holding, err = credentials(ctx, tx, `WHERE credential_id = $1`, key); err != nil {
		return "", nil, err
	}
	used, err := s.passkeys.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) { return o, nil }, data, answer)
	if err != nil {
		s.log.Info("account: passkey refused", "err", err)
		return "", passkeyFailed(), nil
	}
	if used.Authenticator.CloneWarning {
		s.log.Warn("account: a passkey has a copy", "account", whose)
		no = fault.New(fault.Unauthorized, "passkey.cloned", "This passkey seems to be copied. Sign in with a code and make a new one.")
	}
	kept, err := json.Marshal(used)
	if err != nil {
		return "", nil, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE passkeys SET credential = $1, last_used_at = $2 WHERE credential_id = $3`,
		string(kept), db.Millis(now), key)
	return whose, no, err
}

func passkeyFailed() error {
	return fault.New(fault.Unauthorized, "passkey.failed", "That did not work with this passkey. Try again, or sign in with a code.")
}

// start keeps a ceremony for its second half. Of "" is a sign-in.
func (s *Service) start(ctx context.Context, of ID, options any, data *webauthn.SessionData) (Ceremony, error) {
	c := Ceremony{ID: id.New()}
	var err error
	if c.Options, err = json.Marshal(options); err != nil {
		return Ceremony{}, err
	}
	kept, err := json.Marshal(data)
	if err != nil {
		return Ceremony{}, err
	}
	whose := sql.NullString{String: string(of), Valid: of != ""}
	return c, s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO ceremonies (id, account_id, data, expires_at) VALUES ($1, $2, $3, $4)`,
			c.ID, whose, string(kept), db.Millis(s.now().Add(ceremonyLife)))
		return err
	})
}

// take uses a ceremony up: of two who try, one gets it.
func take(ctx context.Context, tx *sql.Tx, ceremony, of string, now time.Time, data *webauthn.SessionData) (ok bool, err error) {
	var kept string
	err = tx.QueryRowContext(ctx, `DELETE FROM ceremonies WHERE id = $1 AND COALESCE(account_id, '') = $2 AND expires_at > $3 RETURNING data`,
		ceremony, of, db.Millis(now)).Scan(&kept)
	if db.IsNone(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal([]byte(kept), data)
}

func credentials(ctx context.Context, q db.Querier, where string, args ...any) ([]webauthn.Credential, error) {
	return db.Select(ctx, q, func(row interface{ Scan(...any) error }) (c webauthn.Credential, err error) {
		var kept string
		if err := row.Scan(&kept); err != nil {
			return c, err
		}
		return c, json.Unmarshal([]byte(kept), &c)
	}, `SELECT credential FROM passkeys `+where+` ORDER BY id`, args...)
}

// Passkeys are the passkeys of by, oldest first.
func (s *Service) Passkeys(ctx context.Context, by ID) (_ []Passkey, err error) {
	defer fault.Wrap(&err, "passkeys of %s", by)
	return db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (p Passkey, err error) {
		var created int64
		var used sql.NullInt64
		err = row.Scan(&p.ID, &p.Name, &created, &used)
		p.CreatedAt = time.UnixMilli(created)
		if used.Valid {
			p.LastUsedAt = time.UnixMilli(used.Int64)
		}
		return p, err
	}, `SELECT id, name, created_at, last_used_at FROM passkeys WHERE account_id = $1 ORDER BY id`, string(by))
}

// RemovePasskey takes a passkey of by away. Sessions opened with it stay.
func (s *Service) RemovePasskey(ctx context.Context, by ID, p PasskeyID) (err error) {
	defer fault.Wrap(&err, "remove passkey %s of %s", p, by)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		gone, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM passkeys WHERE account_id = $1 AND id = $2`, string(by), string(p)))
		if err == nil && !gone {
			return fault.New(fault.NotFound, "passkey.unknown", "This passkey is gone already.")
		}
		return err
	})
}
