package sfu

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// Rate limits of a client's connection. A browser that joins a full room needs
// less than a tenth. Reading pauses above them, so TCP back-pressure slows the
// client down.
const (
	bytesPerSecond    = 64 << 10 // a second
	byteBurst         = 4 * messageLimit
	messagesPerSecond = 20 // a second
	messageBurst      = 200
	trackInterval     = 10 * time.Second // refill time of one track to publish
	trackBurst        = 10
	nameInterval      = time.Second // refill time of one named track of others; a room has at most one per seat
	nameBurst         = 200

	writeTimeout = 10 * time.Second // until a client that does not read is disconnected
	pingInterval = 15 * time.Second
	readTimeout  = 3 * pingInterval // until a silent client is disconnected
	leaveTimeout = time.Second      // until what a side sent before it closed is read
)

// errUnwritable is the failure to write to a side that has closed.
var errUnwritable = errors.New("sfu: closed for writing")

// signalConn forwards messages between a client and the server, inspecting each.
type signalConn struct {
	client, server *websocket.Conn
	may            canPublishNow
	response       func([]byte) [][]byte
}

// run returns when either side has closed.
func (l *signalConn) run(ctx context.Context) error {
	ctx, end := context.WithCancel(ctx)
	var first error
	var once sync.Once
	over := func(err error) {
		once.Do(func() {
			first = err
			code, text := closeCode(err)
			_ = l.client.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, text), time.Now().Add(time.Second))
			end()
			_ = l.client.Close()
			_ = l.server.Close()
		})
	}
	// A side that has closed often said why before, such as that a client leaves or is removed. Its
	// messages are read to their end: the media server would wait for a client to come back.
	overOnceRead := func(err error) {
		if errors.Is(err, errUnwritable) {
			select {
			case <-ctx.Done():
			case <-time.After(leaveTimeout):
			}
		}
		over(err)
	}
	var all sync.WaitGroup
	all.Go(func() { overOnceRead(l.up(ctx)) })
	all.Go(func() { overOnceRead(l.down()) })
	all.Go(func() { overOnceRead(l.ping(ctx)) })
	all.Wait()
	return first
}

// up forwards messages of the client.
func (l *signalConn) up(ctx context.Context) error {
	l.client.SetReadLimit(messageLimit)
	l.client.SetPongHandler(func(string) error { return l.client.SetReadDeadline(time.Now().Add(readTimeout)) })
	size, number := rate.NewLimiter(bytesPerSecond, byteBurst), rate.NewLimiter(messagesPerSecond, messageBurst)
	tracks := rate.NewLimiter(rate.Every(trackInterval), trackBurst)
	may := func() (bool, error) {
		if !tracks.Allow() {
			return false, errSignal
		}
		return l.may()
	}
	others := rate.NewLimiter(rate.Every(nameInterval), nameBurst)
	more := func(n int) bool { return others.AllowN(time.Now(), n) }
	for {
		if err := l.client.SetReadDeadline(time.Now().Add(readTimeout)); err != nil {
			return err
		}
		kind, data, err := l.client.ReadMessage()
		if err != nil {
			return err
		}
		if kind != websocket.BinaryMessage {
			return errSignal
		}
		taken := len(data)
		if data, err = request(data, may, more); err != nil {
			return err
		}
		if data != nil {
			if err := l.server.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
				return err
			}
			if err := l.server.WriteMessage(websocket.BinaryMessage, data); err != nil {
				return errors.Join(errUnwritable, err)
			}
		}
		if err := errors.Join(size.WaitN(ctx, taken), number.Wait(ctx)); err != nil {
			return err
		}
	}
}

// down forwards messages of the server.
func (l *signalConn) down() error {
	for {
		kind, data, err := l.server.ReadMessage()
		if err != nil {
			return err
		}
		if kind != websocket.BinaryMessage {
			return errSignal
		}
		for _, m := range l.response(data) {
			if err := l.client.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
				return err
			}
			if err := l.client.WriteMessage(websocket.BinaryMessage, m); err != nil {
				return errors.Join(errUnwritable, err)
			}
		}
	}
}

// ping detects a silent client that is gone.
func (l *signalConn) ping(ctx context.Context) error {
	tick := time.NewTicker(pingInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			if err := l.client.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout)); err != nil {
				return errors.Join(errUnwritable, err)
			}
		}
	}
}

// closeCode is the close frame for the client: the server's own, if it sent one.
func closeCode(err error) (code int, text string) {
	var c *websocket.CloseError
	switch {
	case errors.As(err, &c) && c.Code != websocket.CloseNoStatusReceived && c.Code != websocket.CloseAbnormalClosure && c.Code != websocket.CloseTLSHandshake:
		return c.Code, c.Text
	case errors.Is(err, errSignal):
		return websocket.ClosePolicyViolation, "this is not for a client to say"
	case errors.Is(err, websocket.ErrReadLimit):
		return websocket.CloseMessageTooBig, ""
	}
	return websocket.CloseGoingAway, ""
}
