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

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/textrule"
)

const (
	ceremonyTTL = 5 * time.Minute
	maxPasskeys = 20 // per account
)

// PasskeyID identifies a passkey.
type PasskeyID string

// Passkey is a WebAuthn credential of an account.
type Passkey struct {
	ID         PasskeyID
	Name       string // chosen by its owner
	CreatedAt  time.Time
	LastUsedAt time.Time // zero: never
}

// Ceremony is the challenge of a WebAuthn registration or authentication, sent to the
// browser. It is valid for five minutes and one answer.
type Ceremony struct {
	ID      string
	Options json.RawMessage // PublicKeyCredential{Creation,Request}OptionsJSON of WebAuthn
}

// relyingParty configures WebAuthn for the host name of origin.
func relyingParty(origin *url.URL) (*webauthn.WebAuthn, error) {
	five := webauthn.TimeoutConfig{Timeout: ceremonyTTL, TimeoutUVD: ceremonyTTL} // a hint for the browser; the row enforces it
	return webauthn.New(&webauthn.Config{
		RPID:                  origin.Hostname(),
		RPDisplayName:         "Heyy",
		RPOrigins:             []string{origin.Scheme + "://" + origin.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification:   protocol.VerificationRequired, // a passkey is the only factor, so possession alone is not enough
		},
		Timeouts: webauthn.TimeoutsConfig{Login: five, Registration: five},
		// None is requested; some password managers send one anyway.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
}

// webauthnUser implements webauthn.User. The user handle is the account's id in 16 bytes:
// random, and no secret.
type webauthnUser struct {
	handle      []byte
	name        string
	credentials []webauthn.Credential
}

func (o webauthnUser) WebAuthnID() []byte                         { return o.handle }
func (o webauthnUser) WebAuthnName() string                       { return o.name }
func (o webauthnUser) WebAuthnDisplayName() string                { return o.name }
func (o webauthnUser) WebAuthnCredentials() []webauthn.Credential { return o.credentials }

func newWebauthnUser(who ID, name string) (webauthnUser, error) {
	u, err := uuid.Parse(string(who))
	return webauthnUser{handle: u[:], name: name}, err
}

// StartPasskey creates the challenge to register a passkey.
func (s *Service) StartPasskey(ctx context.Context, by ID) (_ Ceremony, err error) {
	defer fault.Wrap(&err, "start a passkey of %s", by)
	if s.passkeys == nil {
		return Ceremony{}, noPasskeys()
	}
	a, err := s.Get(ctx, by)
	if err != nil {
		return Ceremony{}, err
	}
	o, err := newWebauthnUser(by, a.Email)
	if err != nil {
		return Ceremony{}, err
	}
	if o.credentials, err = credentials(ctx, s.db, `WHERE account_id = $1`, string(by)); err != nil {
		return Ceremony{}, err
	}
	if len(o.credentials) >= maxPasskeys {
		return Ceremony{}, tooManyPasskeys()
	}
	creation, data, err := s.passkeys.BeginRegistration(o,
		webauthn.WithExclusions(webauthn.Credentials(o.credentials).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, err
	}
	return s.storeCeremony(ctx, by, creation.Response, data)
}

func tooManyPasskeys() error {
	return fault.New(fault.Conflict, "passkey.too_many", fmt.Sprintf("You have %d passkeys. Remove one first.", maxPasskeys))
}

func noPasskeys() error {
	return fault.New(fault.Conflict, "passkey.unavailable", "Passkeys need a domain name, and this Heyy doesn't have one.")
}

// NewPasskey is the answer to StartPasskey.
type NewPasskey struct {
	Ceremony   string
	Name       string
	Credential json.RawMessage // RegistrationResponseJSON of WebAuthn
}

// AddPasskey verifies and stores a new passkey. An expired, foreign or wrongly answered
// ceremony is passkey.failed.
func (s *Service) AddPasskey(ctx context.Context, by ID, n NewPasskey) (_ Passkey, err error) {
	defer fault.Wrap(&err, "add a passkey of %s", by)
	name, err := textrule.Line("body.name", n.Name, 40)
	if err != nil {
		return Passkey{}, err
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes(n.Credential)
	if err != nil {
		return Passkey{}, fault.At("body.credential", "passkey.malformed", "That didn't work with this passkey. Try again, or use a code.")
	}
	now := s.now().Truncate(time.Millisecond)
	p := Passkey{ID: PasskeyID(id.New()), Name: name, CreatedAt: now}
	var refusal error // returned after the commit: the ceremony must be used up
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		var data webauthn.SessionData
		refusal = fault.New(fault.Invalid, "passkey.failed", "That didn't work with this passkey. Try again.")
		if ok, err := takeCeremony(ctx, tx, n.Ceremony, string(by), now, &data); err != nil || !ok {
			return err
		}
		a, err := getAccount(ctx, tx, `WHERE id = $1`, string(by))
		if err != nil {
			return err
		}
		o, err := newWebauthnUser(by, a.Email)
		if err != nil {
			return err
		}
		made, err := s.passkeys.CreateCredential(o, data, answer)
		if err != nil {
			s.log.Info("account: passkey refused", "err", err)
			return nil
		}
		refusal = nil
		var have int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM passkeys WHERE account_id = $1`, string(by)).Scan(&have); err != nil {
			return err
		}
		if have >= maxPasskeys {
			return tooManyPasskeys()
		}
		kept, err := json.Marshal(made)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO passkeys (id, account_id, credential_id, credential, name, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(p.ID), string(by), base64.RawURLEncoding.EncodeToString(made.ID), string(kept), name, db.Millis(now))
		if db.IsUnique(err) {
			return fault.New(fault.Conflict, "passkey.known", "You've already added this passkey.")
		}
		return err
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return Passkey{}, err
	}
	return p, nil
}

// StartPasskeySignIn creates the challenge of a sign-in with a discoverable credential: the
// passkey itself identifies the account.
func (s *Service) StartPasskeySignIn(ctx context.Context, from netip.Addr) (_ Ceremony, err error) {
	defer fault.Wrap(&err, "start to sign in with a passkey")
	if err := s.guessLimit.allow(from, s.now()); err != nil {
		return Ceremony{}, err
	}
	if s.passkeys == nil {
		return Ceremony{}, noPasskeys()
	}
	assertion, data, err := s.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, err
	}
	return s.storeCeremony(ctx, "", assertion.Response, data)
}

// PasskeyProof is the answer to StartPasskeySignIn.
type PasskeyProof struct {
	Ceremony   string
	Credential json.RawMessage // AuthenticationResponseJSON of WebAuthn
	Browser    Browser
	Device     string
	Former     SessionID // the session in this browser, which ends; may be empty
	From       netip.Addr
}

// PasskeySignIn exchanges an authenticator's answer for a session. Unknown passkeys, wrong
// signatures and expired ceremonies are all passkey.failed. A signature counter that went
// back is passkey.cloned: the key was copied, and no copy can sign in again. User
// verification (PIN or biometrics) is required.
func (s *Service) PasskeySignIn(ctx context.Context, p PasskeyProof) (_ Account, token string, err error) {
	defer fault.Wrap(&err, "sign in with a passkey")
	now := s.now()
	if err := s.guessLimit.allow(p.From, now); err != nil {
		return Account{}, "", err
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes(p.Credential)
	if err != nil {
		return Account{}, "", fault.At("body.credential", "passkey.malformed", "That didn't work with this passkey. Try again, or use a code.")
	}
	var a Account
	var unknown bool  // the browser
	var refusal error // returned after the commit: the ceremony must be used up
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		var data webauthn.SessionData
		refusal = passkeyFailed()
		if ok, err := takeCeremony(ctx, tx, p.Ceremony, "", now, &data); err != nil || !ok {
			return err
		}
		var whose ID
		if whose, refusal, err = s.checkAssertion(ctx, tx, data, answer, now); err != nil || refusal != nil {
			return err
		}
		if a, err = getAccount(ctx, tx, `WHERE id = $1`, string(whose)); err != nil {
			return err
		}
		if a.TooYoung {
			refusal = tooYoung()
			return nil
		}
		if err := endReplaced(ctx, tx, now, p.Former); err != nil {
			return err
		}
		unknown = a.Complete() && !s.isKnown(p.Browser, a.Email)
		token, err = s.openSession(ctx, tx, a.ID, p.Device, unknown, now)
		return err
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return Account{}, "", err
	}
	if p.Former != "" || unknown {
		s.wake()
	}
	return a, token, nil
}

// checkAssertion verifies an answer against the passkey it names, and stores the new
// signature counter.
func (s *Service) checkAssertion(ctx context.Context, tx *sql.Tx, data webauthn.SessionData, answer *protocol.ParsedCredentialAssertionData, now time.Time) (whose ID, refusal, err error) {
	key := base64.RawURLEncoding.EncodeToString(answer.RawID)
	// Row lock: concurrent answers must not read the same counter.
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
	o, err := newWebauthnUser(whose, "")
	if err != nil {
		return "", nil, err
	}
	if o.credentials, err = credentials(ctx, tx, `WHERE credential_id = $1`, key); err != nil {
		return "", nil, err
	}
	for i := range o.credentials {
		allowMoved(&o.credentials[i], answer.Response.AuthenticatorData)
	}
	used, err := s.passkeys.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) { return o, nil }, data, answer)
	if err != nil {
		s.log.Info("account: passkey refused", "err", err)
		return "", passkeyFailed(), nil
	}
	if used.Authenticator.CloneWarning {
		s.log.Warn("account: a passkey has a copy", "account", whose)
		refusal = fault.New(fault.Unauthorized, "passkey.cloned", "This passkey seems to be a copy. Sign in with a code and make a new one.")
	}
	kept, err := json.Marshal(used)
	if err != nil {
		return "", nil, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE passkeys SET credential = $1, last_used_at = $2 WHERE credential_id = $3`,
		string(kept), db.Millis(now), key)
	return whose, refusal, err
}

// allowMoved takes over from an answer what changes when a passkey moves to another
// password manager or to the cloud: whether it can be backed up, and whether it counts
// signatures. The library treats both as constant and would refuse the passkey for ever
// (https://github.com/go-webauthn/webauthn/issues/335). Neither proves anything; the
// signature is verified afterwards, and nothing of a failed answer is stored.
func allowMoved(c *webauthn.Credential, now protocol.AuthenticatorData) {
	c.Flags.BackupEligible = now.Flags.HasBackupEligible()
	// A synchronised passkey has no counter. One bound to its device has, and if
	// that goes back, the passkey was copied.
	if c.Flags.BackupEligible && now.Counter == 0 {
		c.Authenticator.SignCount = 0
	}
}

func passkeyFailed() error {
	return fault.New(fault.Unauthorized, "passkey.failed", "That didn't work with this passkey. Try again, or use a code.")
}

// storeCeremony stores a challenge until its answer; of is empty for a sign-in.
func (s *Service) storeCeremony(ctx context.Context, of ID, options any, data *webauthn.SessionData) (Ceremony, error) {
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
			c.ID, whose, string(kept), db.Millis(s.now().Add(ceremonyTTL)))
		return err
	})
}

// takeCeremony deletes a ceremony and returns its data: it can be used once.
func takeCeremony(ctx context.Context, tx *sql.Tx, ceremony, of string, now time.Time, data *webauthn.SessionData) (ok bool, err error) {
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

// Passkeys lists the passkeys of by, oldest first.
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

// RemovePasskey deletes a passkey of by. Sessions opened with it stay.
func (s *Service) RemovePasskey(ctx context.Context, by ID, p PasskeyID) (err error) {
	defer fault.Wrap(&err, "remove passkey %s of %s", p, by)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		gone, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM passkeys WHERE account_id = $1 AND id = $2`, string(by), string(p)))
		if err == nil && !gone {
			return fault.New(fault.NotFound, "passkey.unknown", "This passkey is already gone.")
		}
		return err
	})
}
