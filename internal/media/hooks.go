package media

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/webhook"
)

// Watcher is told who connected to audio and who is gone from it. Tellings can
// be late, doubled or lost; an error is logged. unseen is how long ago at most
// the last sign of life of somebody who is gone may have come: nothing if they
// said goodbye, noticeTime if they just fell silent.
type Watcher interface {
	Arrived(ctx context.Context, room, person, admission string) error
	Departed(ctx context.Context, room, person, admission string, unseen time.Duration) error
}

// noticeTime is the longest until the server says that somebody fell silent: 15 s
// without a packet, looked at every 2 s, and 5 s more in which they could resume,
// none of which can be set. 20 to 22 s were measured; a busy machine gets two more.
const noticeTime = 24 * time.Second

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
			unseen := time.Duration(0)
			if p.GetDisconnectReason() == livekit.DisconnectReason_CONNECTION_TIMEOUT {
				unseen = noticeTime
			}
			err = w.Departed(r.Context(), room, p.GetIdentity(), p.GetMetadata(), unseen)
		}
		if err != nil {
			log.Warn("media: report", "event", e.Event, "room", room, "err", err)
		}
		rw.WriteHeader(http.StatusOK)
	})
}
