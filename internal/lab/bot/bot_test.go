package bot_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"heyy/internal/lab/bench"
	"heyy/internal/lab/bot"
)

// server and people are shared by the tests of the package.
var (
	server *bench.Server
	people struct {
		sync.Mutex
		left []bench.Token
	}
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "heyy-bot-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		binary, err := bench.Build(ctx, "../../..", dir)
		if err == nil {
			server, err = bench.Start(ctx, binary, "")
		}
		if err == nil {
			defer func() { _ = server.Stop() }()
			people.left, err = server.Tokens(ctx, 20)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

func dial(t *testing.T) *bot.Client {
	t.Helper()
	people.Lock()
	token := people.left[0]
	people.left = people.left[1:]
	people.Unlock()
	c, err := bot.Dial(t.Context(), server.BaseURL, token.Token)
	if err != nil {
		t.Fatal(err)
	}
	if c.ID != token.Account {
		t.Fatalf("dialled as %s, not %s", c.ID, token.Account)
	}
	return c
}

// talker opens a room, takes a seat in it and plays a tone until the test ends.
func talker(t *testing.T, hz int) (*bot.RoomConn, bot.Room) {
	t.Helper()
	c := dial(t)
	room, err := c.Open(t.Context(), bot.Plan{Title: "Tones", Category: "music", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	return speaker(t, c, room.ID, hz), room
}

func speaker(t *testing.T, c *bot.Client, room string, hz int) *bot.RoomConn {
	t.Helper()
	s := join(t, c, room, bot.Options{})
	if _, err := s.Sit(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	mic, err := s.Mic(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Unmute(t.Context()); err != nil {
		t.Fatal(err)
	}
	tone, err := bot.Tone(hz)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := mic.Loop(ctx, tone); err != nil && !errors.Is(err, bot.ErrNoMic) {
			t.Errorf("speaker of %d Hz: %v", hz, err)
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
	return s
}

func join(t *testing.T, c *bot.Client, room string, o bot.Options) *bot.RoomConn {
	t.Helper()
	s, err := c.Join(t.Context(), room, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.HangUp)
	return s
}

func TestEachHearsTheOtherAndNotThemselves(t *testing.T) {
	a, room := talker(t, 440)
	b := speaker(t, dial(t), room.ID, 1000)
	c := join(t, dial(t), room.ID, bot.Options{})
	earA, earB, earC := a.DetectTones(), b.DetectTones(), c.DetectTones()
	if err := errors.Join(
		earA.WaitFor(t.Context(), 1000, 3*time.Second), earB.WaitFor(t.Context(), 440, 3*time.Second),
		earC.WaitFor(t.Context(), 440, 3*time.Second), earC.WaitFor(t.Context(), 1000, 3*time.Second),
	); err != nil {
		t.Fatal(err)
	}
	if !earA.LastHeard(440).IsZero() || !earB.LastHeard(1000).IsZero() {
		t.Error("somebody hears themselves")
	}
}

func TestAMutedOrMovedMemberIsNotHeard(t *testing.T) {
	host, room := talker(t, 440)
	guest := speaker(t, dial(t), room.ID, 1000)
	ear := host.DetectTones()
	ctx := t.Context()
	if err := ear.WaitFor(ctx, 1000, 3*time.Second); err != nil {
		t.Fatal(err)
	}
	if err := guest.Mute(ctx); err != nil {
		t.Fatal(err)
	}
	if err := ear.WaitUntilGone(ctx, 1000, 500*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if err := guest.Unmute(ctx); err != nil {
		t.Fatal(err)
	}
	if err := ear.WaitFor(ctx, 1000, time.Second); err != nil {
		t.Fatal(err)
	}
	if _, err := host.Client.MoveToAudience(ctx, room.ID, guest.Client.ID); err != nil {
		t.Fatal(err)
	}
	if err := ear.WaitUntilGone(ctx, 1000, 500*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if _, err := guest.Sit(ctx, 0); bot.Code(err) != "room.seat_refused" {
		t.Errorf("moved back, and seated again: %v", err)
	}
}

func TestARemovedMemberIsDisconnectedAndStaysOut(t *testing.T) {
	host, room := talker(t, 440)
	guest := join(t, dial(t), room.ID, bot.Options{})
	if _, err := host.Client.Remove(t.Context(), room.ID, guest.Client.ID); err != nil {
		t.Fatal(err)
	}
	select {
	case <-guest.Done():
		if !errors.Is(guest.Err(), bot.ErrDisconnected) {
			t.Errorf("ended with %v", guest.Err())
		}
	case <-time.After(5 * time.Second):
		t.Error("still connected")
	}
	if _, err := guest.Client.Join(t.Context(), room.ID, bot.Options{}); bot.Code(err) != "room.removed" {
		t.Errorf("came back: %v", err)
	}
}

func TestADeafBotHearsNothing(t *testing.T) {
	_, room := talker(t, 440)
	s := join(t, dial(t), room.ID, bot.Options{Deaf: true, OnAudio: func(bot.AudioPacket) { t.Error("heard something") }})
	time.Sleep(time.Second)
	if err := s.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Get(t.Context()); err == nil && r.You != nil {
		t.Error("left, and still there")
	}
}

func TestAWrongTokenIsSignedOut(t *testing.T) {
	if _, err := bot.Dial(t.Context(), server.BaseURL, "nonsense"); !errors.Is(err, bot.ErrSignedOut) {
		t.Errorf("dialled: %v", err)
	}
}
