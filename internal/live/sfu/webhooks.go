package sfu

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/webhook"
)

// Watcher receives connects and disconnects of audio. Reports can be late, duplicated or
// lost; an error is logged. unseen bounds how long before the report a lost client may have
// sent its last packet: 0 for a clean disconnect, detectionTime for a timeout.
type Watcher interface {
	ParticipantJoined(ctx context.Context, room, person, joinID string) error
	// TrackPublished reports that a track of the person has arrived at the server.
	TrackPublished(ctx context.Context, room, person string) error
	ParticipantLeft(ctx context.Context, room, person, joinID string, unseen time.Duration) error
}

// detectionTime is the longest time until the server reports a silent client: 15 s without
// a packet, checked every 2 s, and 5 s in which they could resume, none of which is
// configurable. 20 to 22 s were measured, plus two for a busy machine.
const detectionTime = 24 * time.Second

// Hooks receives the server's signed webhooks and passes them to w.
func (s *SFU) Hooks(w Watcher, log *slog.Logger) http.Handler {
	keys := auth.NewSimpleKeyProvider(s.key, s.secret)
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
			err = w.ParticipantJoined(r.Context(), room, p.GetIdentity(), p.GetMetadata())
		case webhook.EventTrackPublished:
			err = w.TrackPublished(r.Context(), room, p.GetIdentity())
		case webhook.EventParticipantLeft, webhook.EventParticipantConnectionAborted:
			unseen := time.Duration(0)
			if p.GetDisconnectReason() == livekit.DisconnectReason_CONNECTION_TIMEOUT {
				unseen = detectionTime
			}
			err = w.ParticipantLeft(r.Context(), room, p.GetIdentity(), p.GetMetadata(), unseen)
		}
		if err != nil {
			log.Warn("media: report", "event", e.Event, "room", room, "err", err)
		}
		rw.WriteHeader(http.StatusOK)
	})
}
