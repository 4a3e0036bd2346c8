package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

// ErrSignedOut stands in the chain of every refusal that says that the token is
// worth nothing any more.
var ErrSignedOut = errors.New("signed out")

// Problem is a refusal of the server (RFC 9457).
type Problem struct {
	Status    int    `json:"status"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
	Field     string `json:"field,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

func (p *Problem) Error() string {
	return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail)
}

// Is makes every 401 an ErrSignedOut.
func (p *Problem) Is(target error) bool {
	return target == ErrSignedOut && p.Status == http.StatusUnauthorized
}

// Code is the stable code of the refusal in err's chain, or "".
func Code(err error) string {
	var p *Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

// Person is somebody as others see them.
type Person struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Resident bool   `json:"resident"`
}

// Member is a person in a room.
type Member struct {
	Person Person `json:"person"`
	Role   string `json:"role"`
	Seat   int    `json:"seat"`
	Muted  bool   `json:"muted"`
	MaySit bool   `json:"may_sit"`
	Here   bool   `json:"here"`
}

// Room is a room as those inside see it.
type Room struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Category string   `json:"category"`
	Seq      int64    `json:"seq"`
	EndedAt  int64    `json:"ended_at"`
	EndedWhy string   `json:"ended_why"`
	Host     Person   `json:"host"`
	Members  []Member `json:"members"`
	You      *Member  `json:"you"`
}

// Card is a room as the lobby shows it.
type Card struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Category  string   `json:"category"`
	Host      Person   `json:"host"`
	Speakers  []Person `json:"speakers"`
	Listeners int      `json:"listeners"`
}

// Plan is what a room needs to be opened.
type Plan struct {
	Title    string `json:"title"`
	Category string `json:"category"`
	Language string `json:"language"`
}

// Pass is the way into a room's audio.
type Pass struct {
	URL   string `json:"url"`
	Token string `json:"token"`
}

// Client is one signed-in person. It is safe for concurrent use.
type Client struct {
	ID    string // the account
	base  string
	token string
	http  *http.Client
}

// shared keeps connections alive between the bots of a process.
var shared = &http.Client{
	Timeout:   15 * time.Second,
	Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true, Proxy: http.ProxyFromEnvironment},
}

// Dial finds out whose token it is on the server at base ("http://host:port").
func Dial(ctx context.Context, base, token string) (*Client, error) {
	c := &Client{base: strings.TrimSuffix(base, "/"), token: token, http: shared}
	var me struct {
		ID string `json:"id"`
	}
	if err := c.do(ctx, http.MethodGet, "/api/me", nil, &me); err != nil {
		return nil, fmt.Errorf("bot: dial %s: %w", base, err)
	}
	c.ID = me.ID
	return c, nil
}

// Rooms lists a category of the lobby, or all of it for "".
func (c *Client) Rooms(ctx context.Context, category string) ([]Card, error) {
	var out struct {
		Rooms []Card `json:"rooms"`
	}
	path := "/api/rooms"
	if category != "" {
		path += "?category=" + url.QueryEscape(category)
	}
	if err := c.do(ctx, http.MethodGet, path, nil, &out); err != nil {
		return nil, fmt.Errorf("bot: lobby: %w", err)
	}
	return out.Rooms, nil
}

// Open opens a room; the bot is its host, and not in it before Join.
func (c *Client) Open(ctx context.Context, p Plan) (Room, error) {
	var r Room
	if err := c.do(ctx, http.MethodPost, "/api/rooms", p, &r); err != nil {
		return Room{}, fmt.Errorf("bot: open a room: %w", err)
	}
	return r, nil
}

// Look reads a room as it stands.
func (c *Client) Look(ctx context.Context, room string) (Room, error) {
	var r Room
	if err := c.do(ctx, http.MethodGet, "/api/rooms/"+room, nil, &r); err != nil {
		return Room{}, fmt.Errorf("bot: look at room %s: %w", room, err)
	}
	return r, nil
}

// Admit joins a room without connecting to its audio yet.
func (c *Client) Admit(ctx context.Context, room string) (Room, Pass, error) {
	var out struct {
		Room  Room `json:"room"`
		Media Pass `json:"media"`
	}
	err := c.do(ctx, http.MethodPost, "/api/rooms/"+room+"/join", nil, &out)
	if Code(err) == "command.applied" {
		// We are in, but the pass got lost on the way. Joining again is allowed
		// and makes a new one.
		err = c.do(ctx, http.MethodPost, "/api/rooms/"+room+"/join", nil, &out)
	}
	if err != nil {
		return Room{}, Pass{}, fmt.Errorf("bot: join room %s: %w", room, err)
	}
	return out.Room, out.Media, nil
}

// Sit takes a seat, or the first free one for 0.
func (c *Client) Sit(ctx context.Context, room string, seat int) (Room, error) {
	body := struct {
		Seat int `json:"seat,omitempty"`
	}{seat}
	return c.change(ctx, http.MethodPut, room, "seat", body)
}

// Stand gives the seat up.
func (c *Client) Stand(ctx context.Context, room string) (Room, error) {
	return c.change(ctx, http.MethodDelete, room, "seat", nil)
}

// Mute tells the room whether the microphone is off.
func (c *Client) Mute(ctx context.Context, room string, muted bool) (Room, error) {
	body := struct {
		Muted bool `json:"muted"`
	}{muted}
	return c.change(ctx, http.MethodPut, room, "microphone", body)
}

// MoveBack, LetSit and Remove are for the host.
func (c *Client) MoveBack(ctx context.Context, room, person string) (Room, error) {
	return c.change(ctx, http.MethodPost, room, "people/"+person+"/move-back", nil)
}

// LetSit lets somebody take seats again.
func (c *Client) LetSit(ctx context.Context, room, person string) (Room, error) {
	return c.change(ctx, http.MethodPost, room, "people/"+person+"/let-sit", nil)
}

// Remove puts somebody out, without a way back.
func (c *Client) Remove(ctx context.Context, room, person string) (Room, error) {
	return c.change(ctx, http.MethodPost, room, "people/"+person+"/remove", nil)
}

// Leave leaves a room.
func (c *Client) Leave(ctx context.Context, room string) error {
	return c.finish(ctx, room, "leave")
}

// End ends a room for all; host only.
func (c *Client) End(ctx context.Context, room string) error {
	return c.finish(ctx, room, "end")
}

func (c *Client) finish(ctx context.Context, room, what string) error {
	err := c.do(ctx, http.MethodPost, "/api/rooms/"+room+"/"+what, nil, nil)
	if err != nil && Code(err) != "command.applied" {
		return fmt.Errorf("bot: %s room %s: %w", what, room, err)
	}
	return nil
}

func (c *Client) change(ctx context.Context, method, room, what string, body any) (Room, error) {
	var r Room
	err := c.do(ctx, method, "/api/rooms/"+room+"/"+what, body, &r)
	if Code(err) == "command.applied" {
		return c.Look(ctx, room)
	}
	if err != nil {
		return Room{}, fmt.Errorf("bot: %s %s in room %s: %w", method, what, room, err)
	}
	return r, nil
}

const (
	tries     = 4
	firstWait = 100 * time.Millisecond
	maxAnswer = 4 << 20
)

// do sends one request. What did not arrive, or found the server busy, is sent
// again under the same idempotency key, so that it takes effect once.
func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	kind := ""
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
		kind = "application/json"
	}
	return c.send(ctx, method, path, kind, body, out)
}

// send is do for a body of any kind.
func (c *Client) send(ctx context.Context, method, path, kind string, body []byte, out any) error {
	key := ""
	if method != http.MethodGet {
		key = uuid.NewString()
	}
	wait := firstWait
	for try := 1; ; try++ {
		again, err := c.once(ctx, method, path, kind, key, body, out)
		if err == nil || !again || try == tries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
			wait *= 2
		}
	}
}

func (c *Client) once(ctx context.Context, method, path, kind, key string, body []byte, out any) (again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return ctx.Err() == nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return ctx.Err() == nil, err
	}
	if resp.StatusCode >= 300 {
		p := &Problem{}
		if json.Unmarshal(data, p) != nil || p.Status == 0 {
			p = &Problem{Code: "unreadable", Detail: http.StatusText(resp.StatusCode)}
		}
		p.Status = resp.StatusCode
		busy := p.Status == http.StatusBadGateway || p.Status == http.StatusServiceUnavailable
		return busy, p
	}
	if out == nil || len(data) == 0 {
		return false, nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return false, fmt.Errorf("%s %s: unreadable answer: %w", method, path, err)
	}
	return false, nil
}
