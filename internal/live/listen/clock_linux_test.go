package listen

import (
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestTheClockStandsStillWhileNobodyListens(t *testing.T) {
	e := start(t, Config{})
	_, id := listen(t, e, Owner{Room: "r"}, 1)
	unread := func() bool {
		_, _, err := unix.Recvfrom(e.ports[0].sock.(*rawSocket).fd, make([]byte, bufSize), unix.MSG_PEEK|unix.MSG_DONTWAIT)
		if err != nil && !errors.Is(err, unix.EAGAIN) {
			t.Fatal(err)
		}
		return err == nil
	}
	e.Close(id)
	eventually(t, "nothing is read any more", func() bool {
		c := newRawCheck(t, e)
		if _, err := c.conn.Write([]byte("anybody there?")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * tickEvery)
		return unread()
	})
	listen(t, e, Owner{Room: "r"}, 1)
	eventually(t, "all was read", func() bool { return !unread() })
}
