// Package account knows who somebody is: sign-in codes by email, passkeys,
// sessions, and the birth date that lets a person in or keeps them out.
//
// What it promises:
//   - Asking for a code does the same work, takes the same time and gets the
//     same answer whether or not the address is known; SignIn fails in one way
//     only, whatever was wrong.
//   - Codes and tokens are kept as hashes. A code lives 10 minutes and bears 5
//     tries, counted by the row itself, however many servers and requests race.
//   - Ending a session takes effect with the commit: Who asks the row each time.
//   - A birth date under 18 is final for the account.
//
// It owns the tables accounts, sign_in_codes, sessions, passkeys and
// ceremonies. It never learns what is in a profile (Profiles writes that), and
// never keeps an IP address beyond the memory of a limit.
package account
