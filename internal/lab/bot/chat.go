package bot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"

	"github.com/google/uuid"
)

// Chat is a chat of the client's with somebody.
type Chat struct {
	Person Person   `json:"person"`
	Last   *Message `json:"last"` // nil: nobody has written yet
	Unread int      `json:"unread"`
}

// Message is a message of a chat.
type Message struct {
	ID   string `json:"id"`
	N    int64  `json:"n"`
	Mine bool   `json:"mine"`
	Text string `json:"text"`

	Voice *struct {
		Ms int `json:"ms"`
	} `json:"voice"` // nil: a text
}

// Chats returns the chats with the newest messages, at most n.
func (c *Client) Chats(ctx context.Context, n int) ([]Chat, error) {
	var out struct {
		Chats []Chat `json:"chats"`
	}
	if err := c.do(ctx, http.MethodGet, fmt.Sprintf("/api/chats?limit=%d", n), nil, &out); err != nil {
		return nil, fmt.Errorf("bot: chats: %w", err)
	}
	return out.Chats, nil
}

// Messages returns the newest messages with a person, the last first, at most n.
func (c *Client) Messages(ctx context.Context, person string, n int) ([]Message, error) {
	var out struct {
		Messages []Message `json:"messages"`
	}
	if err := c.do(ctx, http.MethodGet, fmt.Sprintf("/api/chats/%s/messages?limit=%d", person, n), nil, &out); err != nil {
		return nil, fmt.Errorf("bot: messages: %w", err)
	}
	return out.Messages, nil
}

// Send writes a message to a person.
func (c *Client) Send(ctx context.Context, person, text string) (Message, error) {
	return c.SendAs(ctx, person, uuid.NewString(), text)
}

// SendAs writes a message with an id, which is stored once.
func (c *Client) SendAs(ctx context.Context, person, id, text string) (m Message, err error) {
	if err := c.do(ctx, http.MethodPut, "/api/chats/"+person+"/messages/"+id, map[string]string{"text": text}, &m); err != nil {
		return m, fmt.Errorf("bot: write to %s: %w", person, err)
	}
	return m, nil
}

// SendVoice sends a voice message to a person; text is its text alternative.
func (c *Client) SendVoice(ctx context.Context, person, text string, ogg []byte) (m Message, err error) {
	at := "/api/chats/" + person + "/messages/" + uuid.NewString() + "/voice"
	if err := c.sendForm(ctx, at, ogg, map[string]string{"text": text}, &m); err != nil {
		return m, fmt.Errorf("bot: speak to %s: %w", person, err)
	}
	return m, nil
}

// sendForm sends a recording, with fields beside it.
func (c *Client) sendForm(ctx context.Context, at string, ogg []byte, fields map[string]string, out any) (err error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		err = errors.Join(err, form.WriteField(name, value))
	}
	part, failed := form.CreateFormFile("audio", "voice.ogg")
	if failed == nil {
		_, failed = part.Write(ogg)
	}
	if err = errors.Join(err, failed, form.Close()); err != nil {
		return err
	}
	return c.send(ctx, http.MethodPut, at, form.FormDataContentType(), body.Bytes(), out)
}

// MarkRead says that everything up to message n was read.
func (c *Client) MarkRead(ctx context.Context, person string, n int64) error {
	if err := c.do(ctx, http.MethodPut, "/api/chats/"+person+"/read", map[string]int64{"n": n}, nil); err != nil {
		return fmt.Errorf("bot: read %s: %w", person, err)
	}
	return nil
}

// Typing says that the client is typing.
func (c *Client) Typing(ctx context.Context, person string) error {
	if err := c.do(ctx, http.MethodPut, "/api/chats/"+person+"/typing", nil, nil); err != nil {
		return fmt.Errorf("bot: type to %s: %w", person, err)
	}
	return nil
}
