package bot

import (
	"context"
	"fmt"
	"net/http"
)

// QueueStatus is a person's status in the queue and their current call.
type QueueStatus struct {
	Waiting bool  `json:"waiting"`
	Looking int   `json:"looking"`
	Call    *Call `json:"call"` // the open one, or the last that awaits a choice
}

// Call is a call as one of its two people sees it. Times are Unix milliseconds.
type Call struct {
	ID           string   `json:"id"`
	State        string   `json:"state"` // proposed, connecting, live, ended
	Person       Person   `json:"person"`
	Accepted     bool     `json:"accepted"`
	DeadlineAt   int64    `json:"deadline_at"`
	LiveAt       int64    `json:"live_at"`
	TheyMuted    bool     `json:"they_muted"`
	TheyAway     bool     `json:"they_away"`
	ExtendMine   bool     `json:"extend_mine"`
	ExtendTheirs bool     `json:"extend_theirs"`
	More         int      `json:"extensions"`
	Cards        []string `json:"cards"`
	EndedAt      int64    `json:"ended_at"`
	EndReason    string   `json:"end_reason"`
	ChooseBy     int64    `json:"choose_by"`
	Choice       string   `json:"choice"`
	Matched      bool     `json:"matched"`
	Now          int64    `json:"now"` // the server's clock
}

// Together reports whether both have accepted and the call has not ended.
func (c Call) Together() bool { return c.State == "connecting" || c.State == "live" }

// QueueStatus reads how it stands.
func (c *Client) QueueStatus(ctx context.Context) (QueueStatus, error) {
	return c.queueRequest(ctx, http.MethodGet, "/api/call", nil)
}

// Queue enters the queue for live calls, with the preferences of the profile.
func (c *Client) Queue(ctx context.Context) (QueueStatus, error) {
	tonight := struct {
		Intents   []string `json:"intents"`
		Languages []string `json:"languages"`
	}{[]string{}, []string{}}
	return c.queueRequest(ctx, http.MethodPost, "/api/call/queue", tonight)
}

// Heartbeat keeps the place in the queue; it is lost after 45 s without one.
func (c *Client) Heartbeat(ctx context.Context) (QueueStatus, error) {
	return c.queueRequest(ctx, http.MethodPut, "/api/call/queue", nil)
}

// LeaveQueue leaves the queue.
func (c *Client) LeaveQueue(ctx context.Context) error {
	_, err := c.queueRequest(ctx, http.MethodDelete, "/api/call/queue", nil)
	return err
}

func (c *Client) queueRequest(ctx context.Context, method, path string, in any) (QueueStatus, error) {
	var l QueueStatus
	err := c.do(ctx, method, path, in, &l)
	if Code(err) == "command.applied" {
		err = c.do(ctx, http.MethodGet, "/api/call", nil, &l)
	}
	if err != nil {
		return QueueStatus{}, fmt.Errorf("bot: %s %s: %w", method, path, err)
	}
	return l, nil
}

// Accept accepts a proposal or a ring.
func (c *Client) Accept(ctx context.Context, call string) (Call, error) {
	return c.call(ctx, call, "accept")
}

// Decline declines a proposal or a ring.
func (c *Client) Decline(ctx context.Context, call string) (Call, error) {
	return c.call(ctx, call, "decline")
}

// ReportAudioReceived reports that the partner's audio arrives; the clock of the call
// starts when both have reported it.
func (c *Client) ReportAudioReceived(ctx context.Context, call string) (Call, error) {
	return c.call(ctx, call, "audio-received")
}

// Extend asks for three more minutes.
func (c *Client) Extend(ctx context.Context, call string) (Call, error) {
	return c.call(ctx, call, "extend")
}

// EndCall ends the call.
func (c *Client) EndCall(ctx context.Context, call string) (Call, error) {
	return c.call(ctx, call, "leave")
}

// Choose sets the choice after a call: "heart" or "pass".
func (c *Client) Choose(ctx context.Context, call, choice string) (Call, error) {
	return c.order(ctx, http.MethodPut, call, "choice", map[string]string{"choice": choice})
}

// MuteCall tells the server, and so the partner, whether the microphone is off.
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
		var l QueueStatus
		if l, err = c.QueueStatus(ctx); err == nil && l.Call != nil && l.Call.ID == call {
			return *l.Call, nil
		}
	}
	if err != nil {
		return Call{}, fmt.Errorf("bot: %s call %s: %w", what, call, err)
	}
	return out, nil
}

// CallConn is the audio connection of a bot to one call.
type CallConn struct {
	CallID string

	conn *RoomConn
}

// JoinCall connects to the audio of a call, which may still be proposed: then nobody can
// publish yet. ctx bounds the joining only.
func (c *Client) JoinCall(ctx context.Context, call string, o Options) (*CallConn, error) {
	var out struct {
		Media JoinGrant `json:"media"`
	}
	path := "/api/calls/" + call + "/join"
	err := c.do(ctx, http.MethodPost, path, nil, &out)
	if Code(err) == "command.applied" { // the reply with the grant was lost; request another
		err = c.do(ctx, http.MethodPost, path, nil, &out)
	}
	if err != nil {
		return nil, fmt.Errorf("bot: join call %s: %w", call, err)
	}
	conn, err := c.Connect(ctx, call, out.Media, o)
	if err != nil {
		return nil, err
	}
	return &CallConn{CallID: call, conn: conn}, nil
}

// Dialled connects to LiveKit at any server, with a token that somebody else has made, for
// benchmarks. ctx bounds the joining only.
func Dialled(ctx context.Context, grant JoinGrant, o Options) (*CallConn, error) {
	conn, err := (&Client{}).Connect(ctx, grant.URL, grant, o)
	if err != nil {
		return nil, err
	}
	return &CallConn{conn: conn}, nil
}

// Mic publishes a microphone, unmuted, or returns the published one. It is heard once both have
// accepted the call.
func (t *CallConn) Mic(ctx context.Context) (*Mic, error) {
	m, err := t.conn.Mic(ctx)
	if err != nil {
		return nil, err
	}
	if m.muted.Load() {
		m.setMuted(false)
	}
	return m, nil
}

// OnAudio is RoomConn.OnAudio.
func (t *CallConn) OnAudio(hear func(AudioPacket)) (stop func()) { return t.conn.OnAudio(hear) }

// DetectTones is RoomConn.DetectTones.
func (t *CallConn) DetectTones() *ToneDetector { return t.conn.DetectTones() }

// Done is closed when the connection has ended, for whatever reason.
func (t *CallConn) Done() <-chan struct{} { return t.conn.Done() }

// HangUp closes the connection without leaving the call, to which one can reconnect for a
// minute.
func (t *CallConn) HangUp() { t.conn.HangUp() }
