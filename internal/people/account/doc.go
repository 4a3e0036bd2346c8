// Package account manages accounts, sign-in (codes by mail, passkeys), sessions and the age
// limit.
//
// # Invariants
//
//   - Requesting a code does the same work, takes the same time and gets the same answer
//     whether or not the address is known; SignIn has one failure, whatever was wrong.
//   - Codes and tokens are stored as hashes. A code is valid for 10 minutes, only in the
//     browser that requested it, and for 5 tries, counted by its row under concurrency.
//     Nobody can use up another's tries.
//   - Ending a session takes effect with the commit: Authenticate reads the row every time,
//     without a cache.
//   - A birth date under 18 is final for the account.
//
// It owns the tables accounts, sign_in_codes, sign_in_mailboxes, sessions, passkeys and
// ceremonies. It never reads profiles (Profiles writes the first one). Of an IP address it
// keeps a rate limiter in memory and, for an hour, a keyed hash of the network.
package account
