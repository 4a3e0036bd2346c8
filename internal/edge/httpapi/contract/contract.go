package contract

import (
	"context"

	"heyy/internal/base/blob"
	"heyy/internal/base/mail"
	"heyy/internal/base/signedurl"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/calls"
	"heyy/internal/edge/httpapi/cards"
	"heyy/internal/edge/httpapi/chats"
	"heyy/internal/edge/httpapi/clubs"
	"heyy/internal/edge/httpapi/devinbox"
	"heyy/internal/edge/httpapi/discover"
	"heyy/internal/edge/httpapi/events"
	"heyy/internal/edge/httpapi/me"
	"heyy/internal/edge/httpapi/moments"
	notifyapi "heyy/internal/edge/httpapi/notify"
	"heyy/internal/edge/httpapi/people"
	presenceapi "heyy/internal/edge/httpapi/presence"
	"heyy/internal/edge/httpapi/replays"
	"heyy/internal/edge/httpapi/rooms"
	"heyy/internal/edge/httpapi/signin"
	"heyy/internal/meet/call"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/follow"
	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
	"heyy/internal/people/photo"
	"heyy/internal/people/profile"
	"heyy/internal/people/region"
	"heyy/internal/people/safety"
	"heyy/internal/people/verification"
	"heyy/internal/rooms/club"
	"heyy/internal/rooms/lobby"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/roomchat"
	"heyy/internal/rooms/schedule"
	"heyy/internal/talk/card"
	"heyy/internal/talk/message"
	"heyy/internal/talk/moment"
	"heyy/internal/talk/notify"
	"heyy/internal/talk/presence"
	"heyy/internal/talk/search"
)

// Services holds the dependencies of the operations of all domains.
type Services struct {
	Accounts     *account.Service
	Profiles     *profile.Service
	Photos       *photo.Service
	Safety       *safety.Service
	Towns        *region.Towns
	Regions      *region.Service
	Verification *verification.Service
	Discovery    *discovery.Service
	Follows      *follow.Service
	Queue        *matchmaking.Service
	Calls        *call.Service
	Rooms        *room.Service
	RoomChats    *roomchat.Service
	React        func(ctx context.Context, r room.ID, by account.ID, emoji apitypes.RoomReaction, present int) error
	Caption      func(ctx context.Context, r room.ID, c apitypes.CaptionEvent) error
	Clubs        *club.Service
	Lobby        *lobby.Service
	Events       *schedule.Service
	Replays      *replay.Service
	Messages     *message.Service
	Moments      *moment.Service
	Cards        *card.Service
	Search       *search.Service
	Typing       func(by, to account.ID) error // tells to that by is typing
	Notify       *notify.Service
	Presence     *presence.Service
	Tickets      *signedurl.Signer
	Blobs        *blob.Store
	Tokens       httpapi.Tokens
	Tier         rooms.Tier
	Inbox        *mail.Inbox // nil with SMTP: then there is no development inbox
}

// New makes the API with every operation.
func New(c httpapi.Config, s Services) *httpapi.API {
	c.Accounts, c.Describe = s.Accounts, describe
	api := httpapi.New(c)
	views := &people.Views{
		Accounts: s.Accounts, Profiles: s.Profiles, Photos: s.Photos, Regions: s.Regions, Towns: s.Towns, Tickets: s.Tickets, Messages: s.Messages, Follows: s.Follows,
		Presence: s.Presence,
	}
	signin.Register(api, s.Accounts, views)
	me.Register(api, me.Services{
		Accounts: s.Accounts, Profiles: s.Profiles, Photos: s.Photos, Towns: s.Towns, Regions: s.Regions, Verification: s.Verification,
	}, views)
	people.Register(api, people.Services{
		Profiles: s.Profiles, Photos: s.Photos, Safety: s.Safety, Follows: s.Follows, Tickets: s.Tickets, Blobs: s.Blobs,
	}, views)
	discover.Register(api, discover.Services{
		Discovery: s.Discovery, Profiles: s.Profiles, Photos: s.Photos, Regions: s.Regions, Tickets: s.Tickets, Messages: s.Messages,
	}, views)
	calls.Register(api, calls.Services{
		Queue: s.Queue, Calls: s.Calls, Accounts: s.Accounts, Profiles: s.Profiles, Blobs: s.Blobs, Tokens: s.Tokens,
	}, views)
	rooms.Register(api, rooms.Services{
		Rooms: s.Rooms, Lobby: s.Lobby, Chats: s.RoomChats, Calls: s.Calls, Accounts: s.Accounts, Profiles: s.Profiles, Safety: s.Safety, Follows: s.Follows,
		Tokens: s.Tokens, Tier: s.Tier, React: s.React, Caption: s.Caption,
	})
	clubs.Register(api, clubs.Services{Clubs: s.Clubs, Rooms: s.Rooms, Profiles: s.Profiles, Safety: s.Safety}, views)
	events.Register(api, events.Services{Events: s.Events, Clubs: s.Clubs, Calls: s.Calls, Follows: s.Follows, Profiles: s.Profiles})
	replays.Register(api, replays.Services{Replays: s.Replays, Clubs: s.Clubs, Profiles: s.Profiles, Blobs: s.Blobs})
	chats.Register(api, chats.Services{Messages: s.Messages, Moments: s.Moments, Search: s.Search, Blobs: s.Blobs, Profiles: s.Profiles, Typing: s.Typing, EndMatch: s.Discovery.End}, views)
	moments.Register(api, moments.Services{Moments: s.Moments, Profiles: s.Profiles, Blobs: s.Blobs}, views)
	cards.Register(api, cards.Services{Cards: s.Cards, Profiles: s.Profiles})
	notifyapi.Register(api, notifyapi.Services{Notify: s.Notify, Profiles: s.Profiles})
	presenceapi.Register(api, s.Presence, views)
	devinbox.Register(api, s.Inbox)
	return api
}
