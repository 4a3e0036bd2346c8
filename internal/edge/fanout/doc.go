// Package fanout publishes facts as live events: for each kind of fact it chooses the
// channels, the recipients and the public shape. It is the one place that decides who
// receives what.
//
// It is an outbox listener and may receive a fact twice; clients drop repeated events by
// seq. Its only state is the queue of lobby cards, the people who were told of listed rooms,
// and the reactions of the last seconds.
package fanout
