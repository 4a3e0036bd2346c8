// Package e2e tests Heyy from outside: the built binary, real sockets, real WebRTC. It
// has only tests.
//
// testdata/attacker has a script for each abuse, testdata/broken one for each invalid
// configuration. browser/ has the tests with browsers, which Playwright runs. Each test
// starts its own servers on free ports with fresh data, and leaves nothing behind.
package e2e
