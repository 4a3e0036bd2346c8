// Package testkit has what the tests of several packages need: checks of errors, a clock
// that tests move, and a fake of the media server. Databases come from
// internal/base/db/dbtest, the whole HTTP API from internal/edge/httpapi/apitest.
package testkit
