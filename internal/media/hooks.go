package media

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/webhook"
)

// Watcher is told who connected to audio and who is gone from it. Tellings can
// be late, doubled or lost; an error is logged.
type Watcher interface {
	Arrived(ctx context.Context, room, person, admission string) error
	Departed(ctx context.Context, room, person, admission string) error
}

// Hooks takes the server's signed reports and tells w.
func (v *Voices) Hooks(w Watcher, log *slog.Logger) http.Handler {
	keys := auth.NewSimpleKeyProvider(v.key, v.secret)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(rw, r.Body, 1<<20)
		e, err := webhook.ReceiveWebhookEvent(r, keys)
		if err != nil {
			http.Error(rw, "not from our media server", http.StatusUnauthorized)
			return
		}
		room, p := e.GetRoom().GetName(), e.GetParticipant()
		switch e.Event {
		case webhook.EventParticipantJoined:
			err = w.Arrived(r.Context(), room, p.GetIdentity(), p.GetMetadata())
		case webhook.EventParticipantLeft, webhook.EventParticipantConnectionAborted:
			err = w.Departed(r.Context(), room, p.GetIdentity(), p.GetMetadata())
		}
		if err != nil {
			log.Warn("media: report", "event", e.Event, "room", room, "err", err)
		}
		rw.WriteHeader(http.StatusOK)
	})
}
