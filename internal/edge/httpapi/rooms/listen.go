package rooms

import (
	"context"
	"errors"
	"net/http"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/edge/httpapi"
	"heyy/internal/live/listen"
	"heyy/internal/live/sfu"
	"heyy/internal/rooms/room"
)

// Tier is the listening tier.
type Tier interface {
	// Listen opens a session and answers its offer. until: zero, or when it ends by itself.
	Listen(ctx context.Context, o listen.Owner, until time.Time, offer string) (id, answer string, err error)
	// Find returns whose a session is.
	Find(id string) (listen.Owner, bool)
	// Close ends a session at once.
	Close(id string)
}

// offerLimit bounds an offer in bytes. A browser's with six sections has about 4,000.
const offerLimit = 16 << 10

const sdpType = "application/sdp"

var (
	errOffer       = fault.New(fault.Invalid, "listen.offer_invalid", "This isn't an offer to receive audio.")
	errListenQuery = fault.New(fault.Invalid, "request.invalid", "The only query is preview=true.")
	errTierFull    = fault.New(fault.Unavailable, "listen.full", "Too many people listen to this room right now. Try again in a moment.")
	errManyListen  = fault.New(fault.TooMany, "listen.too_many", "A lot of people listen from your network right now. Try again later.")
	errListenBusy  = fault.New(fault.Unavailable, "server.busy", "There's a lot going on right now. Try again in a moment.")
	errNoListening = fault.New(fault.NotFound, "listen.not_found", "Nobody listens here any more.")
)

// listenFault converts an error of the listening tier.
func listenFault(err error) error {
	switch {
	case errors.Is(err, listen.ErrOffer):
		return errOffer
	case errors.Is(err, listen.ErrRoomFull):
		return errTierFull
	case errors.Is(err, listen.ErrAddressFull):
		return errManyListen
	case errors.Is(err, listen.ErrBusy), errors.Is(err, listen.ErrClosed):
		return errListenBusy
	}
	return err
}

// listenOperations are the endpoint of WHEP (WebRTC-HTTP egress protocol): an offer is posted
// and answered, and deleting the session ends it. There is no PATCH: candidates are in the
// answer, and after a change of network the client posts anew.
func (a *api) listenOperations() {
	a.Exchange("POST /api/rooms/{room}/listen", sdpType, offerLimit, func(w http.ResponseWriter, r *http.Request, offer []byte) error {
		ctx, in := r.Context(), r.PathValue("room")
		if !id.Valid(in) {
			return errNoListening
		}
		may := a.mayListen
		switch r.URL.RawQuery {
		case "":
		case "preview=true":
			may = a.mayPreview
		default:
			return errListenQuery
		}
		how, err := may(ctx, room.ID(in))
		if err != nil {
			return err
		}
		if !how.Until.IsZero() {
			if err := a.Budgets.TakePreview(httpapi.Actor(ctx), in); err != nil {
				return err
			}
		}
		l, err := a.listen(ctx, room.ID(in), how, string(offer), may)
		if err != nil {
			return err
		}
		h := w.Header()
		h.Set("Content-Type", sdpType)
		h.Set("Location", l.URL)
		h.Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(l.Answer)) // the client is gone if this fails, and the session ends with its handshake
		return nil
	})

	a.Exchange("DELETE /api/rooms/{room}/listen/{session}", "", 0, func(w http.ResponseWriter, r *http.Request, _ []byte) error {
		session := r.PathValue("session")
		of, there := a.Tier.Find(session)
		// Of a session without an account its address is the key: nobody else has it.
		if !there || of.Room != r.PathValue("room") || of.Account != "" && of.Account != string(httpapi.Actor(r.Context())) {
			return errNoListening
		}
		a.Tier.Close(session)
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
}

// mayListen returns how the asking person may hear a room: without an account, if it is shared.
func (a *api) mayListen(ctx context.Context, r room.ID) (room.Listening, error) {
	if httpapi.Session(ctx) == nil {
		how, err := a.Rooms.PublicListening(ctx, r)
		if fault.KindOf(err) == fault.NotFound { // of any other room, too
			err = httpapi.Require(ctx, httpapi.Member)
		}
		return how, err
	}
	if err := a.freeToListen(ctx); err != nil {
		return room.Listening{}, err
	}
	s := httpapi.Session(ctx)
	return a.Rooms.Listening(ctx, s.Account, r, s.JoinID)
}

// mayPreview returns how the asking person may hear a room without entering it.
func (a *api) mayPreview(ctx context.Context, r room.ID) (room.Listening, error) {
	if err := a.freeToListen(ctx); err != nil {
		return room.Listening{}, err
	}
	return a.Rooms.Preview(ctx, httpapi.Actor(ctx), r)
}

// freeToListen fails for who is no member, or is in a call.
func (a *api) freeToListen(ctx context.Context) error {
	if err := httpapi.Require(ctx, httpapi.Member); err != nil {
		return err
	}
	return a.Calls.NotTalking(ctx, httpapi.Actor(ctx))
}

// listen opens a session for who may listen as how says. may says so again once it is open.
func (a *api) listen(ctx context.Context, r room.ID, how room.Listening, offer string, may func(context.Context, room.ID) (room.Listening, error)) (*Listen, error) {
	owner := listen.Owner{
		Room: string(r), Identity: how.Identity, JoinID: how.JoinID,
		Account: string(httpapi.Actor(ctx)), Address: httpapi.Address(ctx),
	}
	if owner.Account == "" {
		owner.JoinID = id.New() // an owner of its own, or a third one would close the first
	}
	session, answer, err := a.Tier.Listen(ctx, owner, how.Until, offer)
	if err != nil {
		return nil, listenFault(err)
	}
	// Whoever was put out between the two would otherwise hear on: the command that put them
	// out found no session to close.
	if again, err := may(ctx, r); err != nil || again.JoinID != how.JoinID {
		a.Tier.Close(session)
		return nil, errors.Join(err, errNoListening)
	}
	return &Listen{Answer: answer, URL: "/api/rooms/" + string(r) + "/listen/" + session}, nil
}

// join joins the acting session to a room, and opens its audio: at the media server for
// whoever has a seat, otherwise at the listening tier if there is an offer. With a PIN, that is
// tried first.
func (a *api) join(ctx context.Context, in room.ID, offer, pin string) (*httpapi.Body[Joined], error) {
	if err := a.Calls.NotTalking(ctx, httpapi.Actor(ctx)); err != nil {
		return nil, err
	}
	by := httpapi.Actor(ctx)
	if pin != "" {
		if err := a.Rooms.EnterPIN(ctx, by, in, pin, httpapi.Household(httpapi.Address(ctx)).String()); err != nil {
			return nil, err
		}
	}
	r, joinID, err := a.Rooms.Join(ctx, by, in)
	if err != nil {
		return nil, err
	}
	if err := a.Accounts.SetJoin(ctx, httpapi.Session(ctx).ID, joinID); err != nil {
		return nil, errors.Join(err, a.Rooms.EndJoin(ctx, by, joinID))
	}
	httpapi.Session(ctx).JoinID = joinID
	shown, err := a.shown(ctx, r, nil)
	if err != nil {
		return nil, err
	}
	out := Joined{Room: shown.Body}
	me, _ := r.Member(by)
	switch {
	case me.Seat != 0:
		out.Media, err = a.media(ctx, in, me, joinID)
	case offer != "":
		var how room.Listening
		if how, err = a.Rooms.Listening(ctx, by, in, joinID); err == nil {
			out.Listen, err = a.listen(ctx, in, how, offer, a.mayListen)
		}
	}
	if err != nil {
		return nil, errors.Join(err, a.Rooms.EndJoin(ctx, by, joinID))
	}
	return httpapi.Answer(out), nil
}

// media returns the address and token with which a member connects to the media server.
func (a *api) media(ctx context.Context, in room.ID, me room.Member, joinID string) (*httpapi.Media, error) {
	media, err := httpapi.OpenMedia(ctx, a.Tokens, sfu.JoinGrant{Room: string(in), Person: me.Identity(), JoinID: joinID, CanPublish: me.Seat != 0})
	return &media, err
}
