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

// ErrSignedOut is in the chain of every error caused by an invalid or expired token.
var ErrSignedOut = errors.New("signed out")

// Problem is an error response of the server (RFC 9457).
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

// Code returns the stable code of the Problem in err's chain, or "".
func Code(err error) string {
	var p *Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

// Person is a person as others see them.
type Person struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Resident bool   `json:"resident"`
}

// Member is a person in a room.
type Member struct {
	Person   Person `json:"person"`
	Role     string `json:"role"`
	Seat     int    `json:"seat"`
	Muted    bool   `json:"muted"`
	CanSpeak bool   `json:"can_speak"`
	Present  bool   `json:"present"`
	Hand     int64  `json:"hand"`  // up since this seq of the room; 0: down
	Voice    uint32 `json:"voice"` // seated members: their LiveKit identity, and the CSRC of their packets
}

// Room is a room as those inside see it.
type Room struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Category  string   `json:"category"`
	Seq       int64    `json:"seq"`
	EndedAt   int64    `json:"ended_at"`
	EndReason string   `json:"end_reason"`
	Host      Person   `json:"host"`
	Shape     string   `json:"shape"`
	Club      *ClubRef `json:"club"`
	Invited   bool     `json:"invited"` // the bot is asked to speak
	Members   []Member `json:"members"`
	You       *Member  `json:"you"`
}

// Change is the answer to a command about one member; without a cause nothing changed.
type Change struct {
	Seq    int64  `json:"seq"`
	Cause  string `json:"cause"`
	Member Member `json:"member"`
}

// Card is a room as the lobby shows it.
type Card struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Category  string   `json:"category"`
	Host      Person   `json:"host"`
	Shape     string   `json:"shape"`
	Club      *ClubRef `json:"club"`
	Speakers  []Person `json:"speakers"`
	Listeners int      `json:"listeners"`
}

// ClubRef names the club of a room.
type ClubRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Plan describes a room to open.
type Plan struct {
	Title    string `json:"title"`
	Category string `json:"category"`
	Language string `json:"language"`
	Shape    string `json:"shape,omitempty"` // lounge or stage; "": a lounge
	Club     string `json:"club,omitempty"`
}

// JoinGrant is the way into LiveKit.
type JoinGrant struct {
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

// shared is the HTTP client of all bots of the process, which so share connections.
var shared = &http.Client{
	Timeout:   15 * time.Second,
	Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true, Proxy: http.ProxyFromEnvironment},
}

// Dial returns a client of the server at base ("http://host:port") for the account of
// token.
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

// Known returns a client of the server at base for an account and its token, without asking
// the server.
func Known(base, account, token string) *Client {
	return &Client{ID: account, base: strings.TrimSuffix(base, "/"), token: token, http: shared}
}

// Guest returns a client of somebody who isn't signed in.
func Guest(base string) *Client {
	return &Client{base: strings.TrimSuffix(base, "/"), http: shared}
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

// Open opens a room with the bot as host. Its audio is connected by Join.
func (c *Client) Open(ctx context.Context, p Plan) (Room, error) {
	var r Room
	if err := c.do(ctx, http.MethodPost, "/api/rooms", p, &r); err != nil {
		return Room{}, fmt.Errorf("bot: open a room: %w", err)
	}
	return r, nil
}

// Get returns a room.
func (c *Client) Get(ctx context.Context, room string) (Room, error) {
	var r Room
	if err := c.do(ctx, http.MethodGet, "/api/rooms/"+room, nil, &r); err != nil {
		return Room{}, fmt.Errorf("bot: look at room %s: %w", room, err)
	}
	return r, nil
}

// RequestJoin joins a room without connecting to its audio. Somebody seated gets a grant,
// others the zero one.
func (c *Client) RequestJoin(ctx context.Context, room string) (Room, JoinGrant, error) {
	a, err := c.join(ctx, room, "")
	if err != nil || a.Media == nil {
		return a.Room, JoinGrant{}, err
	}
	return a.Room, *a.Media, nil
}

// JoinListening joins a room with an SDP offer of another WHEP client than this package's, and
// returns the answer. It fails for somebody who has a seat.
func (c *Client) JoinListening(ctx context.Context, room, offer string) (answer string, err error) {
	a, err := c.join(ctx, room, offer)
	if err == nil && a.Listen == nil {
		err = fmt.Errorf("bot: join room %s: seated, or no listening tier", room)
	}
	if err != nil {
		return "", err
	}
	return a.Listen.SDP, nil
}

// PostOffer listens to a room with an SDP offer of another WHEP client than this package's, and
// returns the answer.
func (c *Client) PostOffer(ctx context.Context, room, offer string) (answer string, err error) {
	var a whepAnswer
	if err := c.send(ctx, http.MethodPost, "/api/rooms/"+room+"/listen", "application/sdp", []byte(offer), &a); err != nil {
		return "", fmt.Errorf("bot: listen to room %s: %w", room, err)
	}
	return a.SDP, nil
}

// join joins a room; with an offer it also begins to listen, if there is no seat.
func (c *Client) join(ctx context.Context, room, offer string) (a joinAnswer, err error) {
	body := struct {
		Offer string `json:"offer,omitempty"`
	}{offer}
	err = c.do(ctx, http.MethodPost, "/api/rooms/"+room+"/join", body, &a)
	if Code(err) == "command.applied" {
		// The reply with the way in was lost. Joining again makes a new one.
		err = c.do(ctx, http.MethodPost, "/api/rooms/"+room+"/join", body, &a)
	}
	if err != nil {
		return joinAnswer{}, fmt.Errorf("bot: join room %s: %w", room, err)
	}
	return a, nil
}

// Sit takes a seat, or the first free one for 0.
func (c *Client) Sit(ctx context.Context, room string, seat int) (Change, error) {
	body := struct {
		Seat int `json:"seat,omitempty"`
	}{seat}
	return c.change(ctx, http.MethodPut, room, "seat", body)
}

// Stand gives up the seat.
func (c *Client) Stand(ctx context.Context, room string) (Change, error) {
	return c.change(ctx, http.MethodDelete, room, "seat", nil)
}

// Mute sets whether the microphone is off.
func (c *Client) Mute(ctx context.Context, room string, muted bool) (Change, error) {
	body := struct {
		Muted bool `json:"muted"`
	}{muted}
	return c.change(ctx, http.MethodPut, room, "microphone", body)
}

// MoveToAudience takes the seat and the permission to speak from a member. Like
// AllowToSpeak, Remove and End it is for hosts.
func (c *Client) MoveToAudience(ctx context.Context, room, person string) (Change, error) {
	return c.change(ctx, http.MethodPost, room, "people/"+person+"/move-to-audience", nil)
}

// AllowToSpeak permits a member to take a seat again.
func (c *Client) AllowToSpeak(ctx context.Context, room, person string) (Change, error) {
	return c.change(ctx, http.MethodPost, room, "people/"+person+"/allow-to-speak", nil)
}

// Remove removes a member, who cannot join again.
func (c *Client) Remove(ctx context.Context, room, person string) (Change, error) {
	return c.change(ctx, http.MethodPost, room, "people/"+person+"/remove", nil)
}

// Leave leaves a room.
func (c *Client) Leave(ctx context.Context, room string) error {
	return c.finish(ctx, room, "leave")
}

// End ends a room for everybody.
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

// change sends a command about one member. It returns the zero Change if the command took
// effect and its reply was lost.
func (c *Client) change(ctx context.Context, method, room, what string, body any) (Change, error) {
	var done Change
	err := c.do(ctx, method, "/api/rooms/"+room+"/"+what, body, &done)
	if err != nil && Code(err) != "command.applied" {
		return Change{}, fmt.Errorf("bot: %s %s in room %s: %w", method, what, room, err)
	}
	return done, nil
}

const (
	tries     = 4
	firstWait = 100 * time.Millisecond
	maxAnswer = 4 << 20
)

// do sends one JSON request. It retries network errors and 502 and 503 with the same
// idempotency key, so a command takes effect once.
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

// send is do for a body of any media type.
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
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
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
	if a, ok := out.(*whepAnswer); ok && strings.HasPrefix(resp.Header.Get("Content-Type"), "application/sdp") {
		a.SDP, a.URL = string(data), resp.Header.Get("Location")
		return false, nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return false, fmt.Errorf("%s %s: unreadable answer: %w", method, path, err)
	}
	return false, nil
}
