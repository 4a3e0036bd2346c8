// Package notify tells members what happened while they were away: the notification
// centre, and Web Push (RFC 8030, 8291, 8292).
//
// # Model
//
// The outbox listener "notify" turns facts into notifications, one row for each account
// and fact. If the person wants the kind pushed, one row of push_queue for each of their
// subscriptions follows in the same transaction. Senders claim due rows, write the payload
// from what the rows say at that moment, and send it. A subscription belongs to a session
// and goes with it.
//
// Who takes no pushes gets a digest by mail, some hours after the first news that they have
// not seen: one row of mail_queue, whose text is read from the rows when it is sent. A sign-in
// from a new device is mailed to everybody, at once. RunMail sends both.
//
// # Adding a kind
//
// A kind is one entry of the table in kinds.go, its texts in internal/base/language/texts,
// and one case in take. Nothing else changes: settings, quiet hours, cap, bundling and
// expiry follow from the entry. See docs/notifications.md.
//
// # Invariants
//
//   - A notification exists at most once for an account and source: facts may be repeated.
//   - Nothing is told about a person who is excluded from the reader, at any time.
//   - A push says no name, unless its reader allowed it (PrivateContent).
//   - Every push shows something. A ring that was sent is replaced by its outcome.
//   - A push is sent once, but for a crash between the answer of the gateway and the
//     commit: then it is repeated with the same tag, which replaces the first on the device.
//   - A mail is sent at most once: its row is taken before. A crash in between loses it.
//   - Of two digests of an account, a day is in between. None is sent in quiet hours.
//   - What one account does keeps no push of others waiting: not where it sends them, see hosts,
//     and not what it writes, see capOfOne.
//   - An endpoint is dialed only if its resolved address is public, see isPublic.
//
// It owns the tables push_subscriptions, notifications, notification_settings,
// push_queue and mail_queue. Of other packages it reads:
//   - accounts: residents and deleted people are not notified; where mails go, and when somebody
//     was last here
//   - sessions: a subscription belongs to one
//   - happy_rsvps: who said that they come to a happy hour
package notify
