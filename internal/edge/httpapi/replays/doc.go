// Package replays serves the operations of replays: what was said in rooms that are recorded.
package replays
