package e2e

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
)

// commandBurst and commandsPerSecond are the promised limits of one person's commands.
const (
	commandBurst      = 300
	commandsPerSecond = 1
)

// flood sends many commands of one person at once, and returns how many were accepted. All
// others must be refused by the limit of commands.
func flood(t *testing.T, by *person, times int, command func(i int) (method, path, body string)) (accepted int64) {
	t.Helper()
	var all sync.WaitGroup
	var next, ok atomic.Int64
	for range 8 {
		all.Go(func() {
			for i := int(next.Add(1)); i <= times; i = int(next.Add(1)) {
				method, path, body := command(i)
				r, err := by.send(method, path, body, "")
				switch {
				case err != nil:
					t.Errorf("%s %s: %v", method, path, err)
					return
				case r.status == 200:
					ok.Add(1)
				case r.problem().Code != "rate.limited":
					t.Errorf("%s %s: %d %s", method, path, r.status, r.text)
					return
				}
			}
		})
	}
	all.Wait()
	return ok.Load()
}

// Whoever floods a conversation with reactions or with the longest messages gets through what
// one person may do. The other has one message with a reaction, or as many as were accepted,
// and reads them as always.
func TestAConversationIsNotFlooded(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.datables(t, "Ada", "Mallory", "Cleo")
	ada, mallory, cleo := p[0], p[1], p[2]
	match(t, ada, mallory)
	match(t, mallory, cleo)
	said := "/api/chats/" + ada.id + "/messages/" + uuid.NewString()
	mallory.do("PUT", said, map[string]any{"text": "Which tram was it?"}, nil)

	begun := time.Now()
	emoji := []string{"🚋", "🎵", "👍🏽", "❤️"}
	reacted := flood(t, mallory, 10_000, func(i int) (string, string, string) {
		return "PUT", said + "/reaction", fmt.Sprintf(`{"emoji":%q}`, emoji[i%len(emoji)])
	})
	if most := int64(commandBurst + commandsPerSecond*(time.Since(begun).Seconds()+1)); reacted == 0 || reacted > most {
		t.Errorf("%d of 10,000 reactions within %v", reacted, time.Since(begun))
	}
	var missed struct {
		Messages []struct {
			chatMessage
			Reactions []struct{ Emoji string }
		}
		Unread int
	}
	ada.do("GET", "/api/chats/"+mallory.id+"/changes?since=0", nil, &missed)
	if len(missed.Messages) != 1 || len(missed.Messages[0].Reactions) != 1 || missed.Unread != 1 || missed.Messages[0].Seq > 1+reacted {
		t.Errorf("after %d reactions: %+v", reacted, missed)
	}
	t.Logf("%d of 10,000 reactions got through in %v", reacted, time.Since(begun).Round(time.Millisecond))

	// Nobody else is slowed, and Mallory may go on like anybody who waits.
	cleo.do("GET", "/api/chats/"+mallory.id+"/messages", nil, nil)
	long := strings.Repeat("愛", 2000)
	sent := flood(t, mallory, 2000, func(int) (string, string, string) {
		return "PUT", "/api/chats/" + ada.id + "/messages/" + uuid.NewString(), fmt.Sprintf(`{"text":%q}`, long)
	})
	if most := int64(commandBurst+commandsPerSecond*(time.Since(begun).Seconds()+1)) - reacted; sent > most {
		t.Errorf("%d of 2,000 long messages more within %v", sent, time.Since(begun))
	}
	if all := ada.read(mallory); int64(len(all)) != 1+sent {
		t.Errorf("%d messages where %d were accepted", len(all), 1+sent)
	}
}
