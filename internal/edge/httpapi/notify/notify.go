package notify

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/base/fault"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/talk/notify"
)

// Services holds the dependencies of the operations of notifications.
type Services struct {
	Notify   *notify.Service
	Profiles *profile.Service
}

type api struct {
	*httpapi.API
	Services
}

// NotificationKind is a key of notify.Kinds.
type NotificationKind string

// NotificationOutcome is a key of notify.Outcomes.
type NotificationOutcome string

// Notification is one line of the notification centre.
type Notification struct {
	ID       string               `json:"id"`
	Kind     NotificationKind     `json:"kind"`
	Outcome  *NotificationOutcome `json:"outcome,omitempty" doc:"Of a call or a verification, none while a call rings; of an event or a replay what is new"`
	Person   *apitypes.Person     `json:"person,omitempty" doc:"Whom it is about"`
	Detail   string               `json:"detail,omitempty" doc:"The title of a happy hour, a room, an event or a replay, the name of a device or a club"`
	ClubID   string               `json:"club_id,omitempty" doc:"Which somebody asks to join, or that has answered"`
	EventID  string               `json:"event_id,omitempty" doc:"That it is about"`
	ReplayID string               `json:"replay_id,omitempty" doc:"That it is about"`
	RoomID   string               `json:"room_id,omitempty" doc:"Which the person has opened, or in which the event is live; it may have ended"`
	At       int64                `json:"at"`
	Seen     bool                 `json:"seen"`
}

// Notifications is a page of the notification centre.
type Notifications struct {
	Notifications []Notification `json:"notifications"`
	Next          string         `json:"next,omitempty" doc:"For before; none: this page is the last"`
	Unseen        int            `json:"unseen" doc:"On all pages; at most 100"`
}

// Unseen is the number of notifications that the asking person has not seen.
type Unseen struct {
	Unseen int `json:"unseen" doc:"At most 100"`
}

// PushKey is the public VAPID key for PushManager.subscribe.
type PushKey struct {
	Key string `json:"key" doc:"VAPID public key, base64url: applicationServerKey"`
}

// NotificationSettings are the push settings of the asking person.
type NotificationSettings struct {
	Push           map[string]bool `json:"push" doc:"By NotificationKind; one that is missing gets its default"`
	TimeZone       string          `json:"time_zone" maxLength:"100" doc:"IANA name, such as Europe/Rome"`
	QuietFrom      int             `json:"quiet_from" minimum:"0" maximum:"1439" doc:"Minutes of the day"`
	QuietTo        int             `json:"quiet_to" minimum:"0" maximum:"1439" doc:"Equal to quiet_from: no quiet hours"`
	DailyCap       int             `json:"daily_cap" minimum:"1" maximum:"100" doc:"Pushes a day; what is over it is told as one"`
	PrivateContent bool            `json:"private_content" doc:"Pushes and emails may say names"`
	Email          bool            `json:"email" doc:"Email when something waits for hours and no device takes pushes"`
}

// EmailLink names a person by the token of a link in an email to them.
type EmailLink struct {
	Token string `path:"token" maxLength:"100" doc:"Of the link in an email"`
}

// EmailChoice says whether a person is mailed what waits for them.
type EmailChoice struct {
	On bool `json:"on"`
}

// OwnNotificationSettings are the settings, and whether this browser gets pushes.
type OwnNotificationSettings struct {
	NotificationSettings
	Subscribed bool `json:"subscribed" doc:"This session has a push subscription"`
}

// Register adds the operations of notifications.
func Register(core *httpapi.API, s Services) {
	a := &api{API: core, Services: s}
	a.centreOperations()
	a.settingsOperations()
	a.pushOperations()
	a.mailOperations()
}

func (a *api) centreOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-notifications", Method: http.MethodGet, Path: "/api/notifications",
		Summary: "What happened, the newest first",
	}, func(ctx context.Context, in *httpapi.Page) (*httpapi.Body[Notifications], error) {
		r, err := in.Request()
		if err != nil {
			return nil, err
		}
		by := httpapi.Actor(ctx)
		all, next, err := a.Notify.List(ctx, by, r)
		if err != nil {
			return nil, err
		}
		unseen, err := a.Notify.Unseen(ctx, by)
		if err != nil {
			return nil, err
		}
		var about []account.ID
		for _, n := range all {
			if n.About != "" {
				about = append(about, n.About)
			}
		}
		people, err := a.Profiles.People(ctx, about...)
		if err != nil {
			return nil, err
		}
		out := Notifications{Notifications: make([]Notification, 0, len(all)), Next: next.String(), Unseen: unseen}
		for _, n := range all {
			v := Notification{ID: string(n.ID), Kind: NotificationKind(n.Kind), Detail: n.Detail, RoomID: string(n.Room), ClubID: string(n.Club), EventID: string(n.Event), ReplayID: string(n.Replay), At: n.At.UnixMilli(), Seen: n.Seen}
			if n.Outcome != notify.Open {
				o := NotificationOutcome(n.Outcome)
				v.Outcome = &o
			}
			if p, ok := people[n.About]; ok {
				person := apitypes.ToPerson(p)
				v.Person = &person
			}
			out.Notifications = append(out.Notifications, v)
		}
		return httpapi.Answer(out), nil
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "see-notifications", Method: http.MethodPut, Path: "/api/notifications/seen",
		Summary: "Mark a notification and all older ones as seen, on all devices",
	}), func(ctx context.Context, in *struct {
		Body struct {
			UpTo string `json:"up_to" format:"uuid" doc:"The newest that was on the screen"`
		}
	}) (*httpapi.Body[Unseen], error) {
		by := httpapi.Actor(ctx)
		if err := a.Notify.MarkSeen(ctx, by, notify.ID(in.Body.UpTo)); err != nil {
			return nil, err
		}
		n, err := a.Notify.Unseen(ctx, by)
		return httpapi.Answer(Unseen{n}), err
	})
}

func (a *api) settingsOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-notification-settings", Method: http.MethodGet, Path: "/api/me/notifications",
		Summary: "What you are told by push",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[OwnNotificationSettings], error) {
		return a.settings(ctx)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "set-notification-settings", Method: http.MethodPut, Path: "/api/me/notifications",
		Summary: "Choose what you are told by push, and when",
	}, func(ctx context.Context, in *struct{ Body NotificationSettings }) (*httpapi.Body[OwnNotificationSettings], error) {
		b := in.Body
		st := notify.Settings{
			Push: make(map[notify.Kind]bool, len(b.Push)), TimeZone: b.TimeZone, QuietFrom: b.QuietFrom, QuietTo: b.QuietTo, DailyCap: b.DailyCap, PrivateContent: b.PrivateContent, Email: b.Email,
		}
		for k, on := range b.Push {
			st.Push[notify.Kind(k)] = on
		}
		if err := a.Notify.SetSettings(ctx, httpapi.Actor(ctx), st); err != nil {
			return nil, err
		}
		return a.settings(ctx)
	})
}

func (a *api) settings(ctx context.Context) (*httpapi.Body[OwnNotificationSettings], error) {
	s := httpapi.Session(ctx)
	st, err := a.Notify.Settings(ctx, s.Account)
	if err != nil {
		return nil, err
	}
	subscribed, err := a.Notify.Subscribed(ctx, s.ID)
	if err != nil {
		return nil, err
	}
	out := OwnNotificationSettings{
		NotificationSettings: NotificationSettings{
			Push: make(map[string]bool, len(st.Push)), TimeZone: st.TimeZone, QuietFrom: st.QuietFrom, QuietTo: st.QuietTo, DailyCap: st.DailyCap, PrivateContent: st.PrivateContent, Email: st.Email,
		},
		Subscribed: subscribed,
	}
	for k, on := range st.Push {
		out.Push[string(k)] = on
	}
	return httpapi.Answer(out), nil
}

func (a *api) pushOperations() {
	httpapi.Register(a.API, httpapi.SignedIn, huma.Operation{
		OperationID: "read-push-key", Method: http.MethodGet, Path: "/api/push-key",
		Summary: "The key that browsers subscribe to pushes with",
	}, func(context.Context, *struct{}) (*httpapi.Body[PushKey], error) {
		return httpapi.Answer(PushKey{a.Notify.PublicKey()}), nil
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "subscribe-to-pushes", Method: http.MethodPut, Path: "/api/me/push", DefaultStatus: http.StatusNoContent,
		Summary: "Take pushes in this browser, until this session ends; send it at every start",
	}), func(ctx context.Context, in *struct {
		Body struct {
			Endpoint string `json:"endpoint" maxLength:"1000" doc:"Of PushSubscription: an https address on the internet"`
			P256dh   string `json:"p256dh" maxLength:"200" doc:"Base64url"`
			Auth     string `json:"auth" maxLength:"100" doc:"Base64url"`
		}
	}) (*httpapi.None, error) {
		s := httpapi.Session(ctx)
		return nil, a.Notify.Subscribe(ctx, s.Account, s.ID, notify.Subscription{Endpoint: in.Body.Endpoint, P256dh: in.Body.P256dh, Auth: in.Body.Auth})
	})

	httpapi.Register(a.API, httpapi.SignedIn, huma.Operation{
		OperationID: "unsubscribe-from-pushes", Method: http.MethodDelete, Path: "/api/me/push", DefaultStatus: http.StatusNoContent,
		Summary: "Take no more pushes in this browser",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.None, error) {
		return nil, a.Notify.Unsubscribe(ctx, httpapi.Session(ctx).ID)
	})
}

// errForm is for what is no unsubscribing of one click.
var errForm = fault.New(fault.Invalid, "request.form", "To unsubscribe, send List-Unsubscribe=One-Click.")

// mailOperations are for who has a link of a mail, signed in or not. Reading changes nothing:
// programs follow the links of mails, too.
func (a *api) mailOperations() {
	owner := func(ctx context.Context, token string, command bool) (account.ID, error) {
		who, err := a.Notify.ByMailToken(ctx, token)
		if err != nil {
			return "", err
		}
		return who, a.Budgets.TakeLink(who, command)
	}

	httpapi.Register(a.API, httpapi.Anyone, huma.Operation{
		OperationID: "read-email-choice", Method: http.MethodGet, Path: "/api/emails/{token}",
		Summary: "Whether who got this link is mailed what waits for them",
	}, func(ctx context.Context, in *EmailLink) (*httpapi.Body[EmailChoice], error) {
		who, err := owner(ctx, in.Token, false)
		if err != nil {
			return nil, err
		}
		on, err := a.Notify.IsMailed(ctx, who)
		return httpapi.Answer(EmailChoice{on}), err
	})

	httpapi.Register(a.API, httpapi.Anyone, httpapi.Repeatable(huma.Operation{
		OperationID: "choose-emails", Method: http.MethodPut, Path: "/api/emails/{token}",
		Summary: "Switch the emails about what waits off or on",
	}), func(ctx context.Context, in *struct {
		EmailLink
		Body EmailChoice
	}) (*httpapi.Body[EmailChoice], error) {
		who, err := owner(ctx, in.Token, true)
		if err != nil {
			return nil, err
		}
		return httpapi.Answer(in.Body), a.Notify.SetMailed(ctx, who, in.Body.On)
	})

	// RFC 8058: what a mail program sends at the press of its own button.
	a.Form(notify.UnsubscribePath+"{token}", func(ctx context.Context, value func(string) string, form url.Values) error {
		who, err := owner(ctx, value("token"), true)
		if err != nil {
			return err
		}
		if form.Get("List-Unsubscribe") != "One-Click" {
			return errForm
		}
		return a.Notify.SetMailed(ctx, who, false)
	})
}
