package e2e

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// chatHistory is what two people asked of their chat and were told, with times, for the checker.
type chatHistory struct {
	begun time.Time

	mu                 sync.Mutex
	all                []porcupine.Operation
	acked, lost, reads int
}

// chatState is a chat: its messages are one after another, and the sum is of all their ids in
// their order.
type chatState struct {
	n   int64
	sum [sha256.Size]byte
}

func (c chatState) add(id string) chatState {
	return chatState{c.n + 1, sha256.Sum256(append(c.sum[:], id...))}
}

// chatModel is a chat of which every command and every read takes place at one moment. The
// input is the id of a message to send, or "" to read; the output of the former is its number,
// that of the latter everything that the reader knows then.
var chatModel = porcupine.Model{
	Init: func() any { return chatState{} },
	Step: func(state, input, output any) (bool, any) {
		was := state.(chatState)
		id := input.(string)
		if id == "" {
			return was == output.(chatState), was
		}
		is := was.add(id)
		return is.n == output.(int64), is
	},
}

// chatSend is a message on its way, however often it is tried.
type chatSend struct {
	id, text string
	call     int64
}

// chatReader reads what is new to it.
type chatReader struct {
	by, other *person
	known     chatState
}

func (h *chatHistory) now() int64 { return int64(time.Since(h.begun)) }

func (h *chatHistory) add(client int, input, output any, call int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, porcupine.Operation{ClientId: client, Input: input, Output: output, Call: call, Return: h.now()})
}

// put tries to send a message, and reports whether it was acknowledged.
func (h *chatHistory) put(t *testing.T, by, to *person, w *chatSend) bool {
	r, err := by.send("PUT", "/api/chats/"+to.id+"/messages/"+w.id, fmt.Sprintf(`{"text":%q}`, w.text), "")
	if err == nil && r.status != 200 && r.status < 500 {
		t.Errorf("%s: %d %s", w.text, r.status, r.text)
	}
	if err != nil || r.status != 200 {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.lost++
		return false
	}
	var m chatMessage
	if err := json.Unmarshal(r.text, &m); err != nil {
		t.Errorf("%s: %v in %s", w.text, err, r.text)
	}
	h.add(0, w.id, m.N, w.call)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.acked++
	return true
}

// read reads what changed, as a client does, and marks it as read. It reports whether it was
// answered.
func (h *chatHistory) read(t *testing.T, r *chatReader) bool {
	call := h.now()
	a, err := r.by.send("GET", fmt.Sprintf("/api/chats/%s/changes?since=%d", r.other.id, r.known.n), "", "")
	if err != nil || a.status >= 500 {
		return false
	}
	var missed struct{ Messages []chatMessage }
	if err := json.Unmarshal(a.text, &missed); err != nil || a.status != 200 {
		t.Errorf("changes: %v in %d %s", err, a.status, a.text)
		return false
	}
	for _, m := range missed.Messages {
		if m.N != r.known.n+1 {
			t.Errorf("%s is told of message %d after %d", r.by.name, m.N, r.known.n)
		}
		r.known = r.known.add(m.ID)
	}
	h.add(1, "", r.known, call)
	h.mu.Lock()
	h.reads++
	h.mu.Unlock()
	if len(missed.Messages) == 0 {
		time.Sleep(2 * time.Millisecond)
		return true
	}
	a, err = r.by.send("PUT", "/api/chats/"+r.other.id+"/read", fmt.Sprintf(`{"n":%d}`, r.known.n), "")
	if err == nil && a.status != 204 && a.status < 500 {
		t.Errorf("read: %d %s", a.status, a.text)
	}
	return err == nil && a.status == 204
}

// The checker itself: what must not happen is found.
func TestTheCheckerOfChatsFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	empty := chatState{}
	one, other := empty.add("a"), empty.add("b")
	op := func(call, answer int64, input string, output any) porcupine.Operation {
		return porcupine.Operation{Input: input, Output: output, Call: call, Return: answer}
	}
	for name, c := range map[string]struct {
		want bool
		all  []porcupine.Operation
	}{
		"two at once, in either order":         {true, []porcupine.Operation{op(1, 9, "a", int64(2)), op(2, 8, "b", int64(1)), op(10, 11, "", other.add("a"))}},
		"a message that was cut off is seen":   {true, []porcupine.Operation{op(1, 9, "a", int64(1)), op(3, 4, "", one)}},
		"an acknowledged message is not seen":  {false, []porcupine.Operation{op(1, 2, "a", int64(1)), op(3, 4, "", empty)}},
		"a message is there twice":             {false, []porcupine.Operation{op(1, 2, "a", int64(1)), op(3, 4, "", one.add("a"))}},
		"the two see different orders":         {false, []porcupine.Operation{op(1, 9, "a", int64(1)), op(1, 9, "b", int64(2)), op(10, 11, "", one.add("b")), op(10, 11, "", other.add("a"))}},
		"a message seen disappears":            {false, []porcupine.Operation{op(1, 20, "a", int64(1)), op(3, 4, "", one), op(5, 6, "", empty)}},
		"the number is that of another":        {false, []porcupine.Operation{op(1, 2, "a", int64(1)), op(3, 4, "b", int64(1))}},
		"an earlier message comes after later": {false, []porcupine.Operation{op(1, 2, "a", int64(2)), op(3, 4, "b", int64(1))}},
	} {
		if got := porcupine.CheckOperations(chatModel, c.all); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
