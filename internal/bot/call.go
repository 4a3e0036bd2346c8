package bot

import (
	"context"
	"fmt"
	"net/http"
)

// Lounge is how it stands with somebody who may look for a call.
type Lounge struct {
	Waiting bool  `json:"waiting"`
	Looking int   `json:"looking"`
	Call    *Call `json:"call"` // the open one, or the last that awaits a choice
}

// Call is a conversation of two, as one of them sees it. Times are Unix
// milliseconds.
type Call struct {
	ID         string   `json:"id"`
	State      string   `json:"state"` // proposed, connecting, live, ended
	Person     Person   `json:"person"`
	Accepted   bool     `json:"accepted"`
	DeadlineAt int64    `json:"deadline_at"`
	LiveAt     int64    `json:"live_at"`
	TheyMuted  bool     `json:"they_muted"`
	TheyAway   bool     `json:"they_away"`
	MoreMine   bool     `json:"more_mine"`
	MoreTheirs bool     `json:"more_theirs"`
	More       int      `json:"more"`
	Cards      []string `json:"cards"`
	EndedAt    int64    `json:"ended_at"`
	EndedWhy   string   `json:"ended_why"`
	ChooseBy   int64    `json:"choose_by"`
	Choice     string   `json:"choice"`
	Matched    bool     `json:"matched"`
	Now        int64    `json:"now"` // by the server's clock
}

// Together reports whether both have accepted and it is not over.
func (c Call) Together() bool { return c.State == "connecting" || c.State == "live" }

// Lounge reads how it stands.
func (c *Client) Lounge(ctx context.Context) (Lounge, error) {
	return c.lounge(ctx, http.MethodGet, "/api/call", nil)
}

// Queue looks for somebody to talk to, with the wishes of the profile.
func (c *Client) Queue(ctx context.Context) (Lounge, error) {
	tonight := struct {
		Intents   []string `json:"intents"`
		Languages []string `json:"languages"`
	}{[]string{}, []string{}}
	return c.lounge(ctx, http.MethodPost, "/api/call/queue", tonight)
}

// StillHere keeps the place in the queue; it is lost after 45 s of silence.
func (c *Client) StillHere(ctx context.Context) (Lounge, error) {
	return c.lounge(ctx, http.MethodPut, "/api/call/queue", nil)
}

// Unqueue waits no longer.
func (c *Client) Unqueue(ctx context.Context) error {
	_, err := c.lounge(ctx, http.MethodDelete, "/api/call/queue", nil)
	return err
}

func (c *Client) lounge(ctx context.Context, method, path string, in any) (Lounge, error) {
	var l Lounge
	err := c.do(ctx, method, path, in, &l)
	if Code(err) == "command.applied" {
		err = c.do(ctx, http.MethodGet, "/api/call", nil, &l)
	}
	if err != nil {
		return Lounge{}, fmt.Errorf("bot: %s %s: %w", method, path, err)
	}
	return l, nil
}

// Accept says yes to a proposal or a ring.
func (c *Client) Accept(ctx context.Context, call string) (Call, error) {
	return c.call(ctx, call, "accept")
}

// Decline says no to it.
func (c *Client) Decline(ctx context.Context, call string) (Call, error) {
	return c.call(ctx, call, "decline")
}

// Hears says that the other is heard; the clock runs when both have said so.
func (c *Client) Hears(ctx context.Context, call string) (Call, error) {
	return c.call(ctx, call, "hears")
}

// More asks for three more minutes.
func (c *Client) More(ctx context.Context, call string) (Call, error) {
	return c.call(ctx, call, "more")
}

// EndCall hangs up.
func (c *Client) EndCall(ctx context.Context, call string) (Call, error) {
	return c.call(ctx, call, "leave")
}

// Choose says "heart" or "pass" after a call.
func (c *Client) Choose(ctx context.Context, call, choice string) (Call, error) {
	return c.order(ctx, http.MethodPut, call, "choice", map[string]string{"choice": choice})
}

// MuteCall tells the other whether the microphone is off.
func (c *Client) MuteCall(ctx context.Context, call string, muted bool) (Call, error) {
	return c.order(ctx, http.MethodPut, call, "microphone", map[string]bool{"muted": muted})
}

func (c *Client) call(ctx context.Context, call, what string) (Call, error) {
	return c.order(ctx, http.MethodPost, call, what, nil)
}

func (c *Client) order(ctx context.Context, method, call, what string, in any) (Call, error) {
	var out Call
	err := c.do(ctx, method, "/api/calls/"+call+"/"+what, in, &out)
	if Code(err) == "command.applied" {
		var l Lounge
		if l, err = c.Lounge(ctx); err == nil && l.Call != nil && l.Call.ID == call {
			return *l.Call, nil
		}
	}
	if err != nil {
		return Call{}, fmt.Errorf("bot: %s call %s: %w", what, call, err)
	}
	return out, nil
}

// Talk is a bot's time on the line of one call.
type Talk struct {
	CallID string

	line *Stay
}

// Pick joins the audio of a call, also while it is only proposed: then nobody
// may speak yet. ctx bounds the joining only.
func (c *Client) Pick(ctx context.Context, call string, o Options) (*Talk, error) {
	var out struct {
		Media Pass `json:"media"`
	}
	path := "/api/calls/" + call + "/join"
	err := c.do(ctx, http.MethodPost, path, nil, &out)
	if Code(err) == "command.applied" { // the pass got lost; a new one is as good
		err = c.do(ctx, http.MethodPost, path, nil, &out)
	}
	if err != nil {
		return nil, fmt.Errorf("bot: join call %s: %w", call, err)
	}
	line, err := c.Connect(ctx, call, out.Media, o)
	if err != nil {
		return nil, err
	}
	return &Talk{CallID: call, line: line}, nil
}

// Mic publishes the bot's voice, open, or gives the one that is published. Both
// must have accepted.
func (t *Talk) Mic(ctx context.Context) (*Mic, error) {
	m, err := t.line.Mic(ctx)
	if err != nil {
		return nil, err
	}
	if m.muted.Load() {
		m.setMuted(false)
	}
	return m, nil
}

// OnAudio is that of Stay.
func (t *Talk) OnAudio(hear func(Heard)) (stop func()) { return t.line.OnAudio(hear) }

// Listen is that of Stay.
func (t *Talk) Listen() *Ear { return t.line.Listen() }

// Done closes when the line is gone, for whatever reason.
func (t *Talk) Done() <-chan struct{} { return t.line.Done() }

// HangUp ends the connection without leaving the call: one has a minute to come
// back.
func (t *Talk) HangUp() { t.line.HangUp() }
