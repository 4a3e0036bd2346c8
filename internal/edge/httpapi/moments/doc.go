// Package moments adds the operations of moments: voice posts that expire after a day.
package moments
