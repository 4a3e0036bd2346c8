package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/account"
	"heyy/internal/profile"
	"heyy/internal/wire"
)

// Me is the asking person, as only they see it.
type Me struct {
	ID        string      `json:"id"`
	Email     string      `json:"email" doc:"Empty for residents"`
	Complete  bool        `json:"complete" doc:"Has begun; before that nothing but /api/me/begin and signing out is open"`
	Settled   bool        `json:"settled" doc:"Through with onboarding, or put it off"`
	Name      string      `json:"name" doc:"Empty before the beginning"`
	Language  string      `json:"language" enum:"en,it,zh" doc:"en before the beginning"`
	Born      string      `json:"born" doc:"YYYY-MM-DD; empty before the beginning"`
	Age       int         `json:"age" doc:"Years; 0 before the beginning"`
	Passkeys  int         `json:"passkeys" doc:"How many there are"`
	Resident  bool        `json:"resident"`
	Gender    string      `json:"gender" enum:",woman,man,nonbinary" doc:"Empty: not said"`
	Pronouns  string      `json:"pronouns"`
	Languages []string    `json:"languages" doc:"Spoken"`
	Interests []string    `json:"interests"`
	Intents   []string    `json:"intents" doc:"dating, friends, professional"`
	Wishes    Wishes      `json:"wishes"`
	Work      *WorkCard   `json:"work,omitempty"`
	Voice     *wire.Voice `json:"voice,omitempty"`
	Clips     []Clip      `json:"clips" doc:"By place; 0 is the intro"`
	Photos    []Photo     `json:"photos" doc:"Hidden from everybody until revealed"`
	Home      Home        `json:"home"`
	Verified  bool        `json:"verified"`
	Paused    bool        `json:"paused" doc:"Not in Discover, by own wish"`
	Needs     []string    `json:"needs" doc:"What is missing before Discover opens: gender, meet, intents, languages, interests, home, intro; in the order to ask. home does not keep it shut."`
	Shown     bool        `json:"shown" doc:"In Discover now"`
	Badges    []string    `json:"badges"`
}

// Session is a device on which the person is signed in.
type Session struct {
	ID         string `json:"id"`
	Device     string `json:"device" doc:"Such as: Chrome on Android"`
	CreatedAt  int64  `json:"created_at"`
	LastSeenAt int64  `json:"last_seen_at" doc:"To within ten minutes"`
	Current    bool   `json:"current" doc:"The one that asks"`
}

// Sessions are all of a person, the one seen last first.
type Sessions struct {
	Sessions []Session `json:"sessions"`
}

func (a *API) meOperations() {
	register(a, signedIn, huma.Operation{
		OperationID: "read-me", Method: http.MethodGet, Path: "/api/me",
		Summary: "Who you are",
	}, func(ctx context.Context, _ *struct{}) (*body[Me], error) {
		return a.me(ctx)
	})

	register(a, signedIn, huma.Operation{
		OperationID: "begin", Method: http.MethodPost, Path: "/api/me/begin",
		Summary: "Say when you were born and how you are called; under 18 is final",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Born     string `json:"born" maxLength:"100" doc:"YYYY-MM-DD"`
			Name     string `json:"name" maxLength:"400" doc:"One line, up to 40 characters"`
			Language string `json:"language" enum:"en,it,zh"`
		}
	}) (*body[Me], error) {
		who, err := a.Accounts.Begin(ctx, who(ctx), account.Start{Born: in.Body.Born, Name: in.Body.Name, Language: in.Body.Language})
		if err != nil {
			return nil, err
		}
		me, err := a.describe(ctx, who)
		return &body[Me]{me}, err
	})

	register(a, member, huma.Operation{
		OperationID: "edit-me", Method: http.MethodPatch, Path: "/api/me",
		Summary: "Change what others see of you",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Name      *string   `json:"name,omitempty" maxLength:"400" doc:"One line, up to 40 characters"`
			Language  *string   `json:"language,omitempty" enum:"en,it,zh"`
			Gender    *string   `json:"gender,omitempty" enum:",woman,man,nonbinary"`
			Pronouns  *string   `json:"pronouns,omitempty" maxLength:"400" doc:"One line, up to 24 characters; may be empty"`
			Languages *[]string `json:"languages,omitempty" maxItems:"100" maxLength:"100" doc:"Up to 8 spoken ones"`
			Interests *[]string `json:"interests,omitempty" maxItems:"200" maxLength:"100" doc:"Up to 20 keys of the tree"`
			Intents   *[]string `json:"intents,omitempty" maxItems:"10" maxLength:"100" doc:"dating, friends, professional"`
			Wishes    *Wishes   `json:"wishes,omitempty"`
			Work      *WorkCard `json:"work,omitempty" doc:"All of it; an empty one takes it away"`
			Settled   *bool     `json:"settled,omitempty"`
			Paused    *bool     `json:"paused,omitempty"`
		}
	}) (*body[Me], error) {
		b := in.Body
		c := profile.Changes{
			Name: b.Name, Language: b.Language, Gender: b.Gender, Pronouns: b.Pronouns, Languages: b.Languages, Interests: b.Interests,
			Intents: b.Intents, Settled: b.Settled, Paused: b.Paused,
		}
		if b.Wishes != nil {
			c.Wishes = fromWishes(*b.Wishes)
		}
		if b.Work != nil {
			c.Card = &profile.Card{Role: b.Work.Role, Company: b.Work.Company, Links: b.Work.Links, OpenTo: b.Work.OpenTo}
		}
		if _, err := a.Profiles.Edit(ctx, who(ctx), c); err != nil {
			return nil, err
		}
		return a.me(ctx)
	})

	register(a, signedIn, huma.Operation{
		OperationID: "list-sessions", Method: http.MethodGet, Path: "/api/me/sessions",
		Summary: "Where you are signed in",
	}, func(ctx context.Context, _ *struct{}) (*body[Sessions], error) {
		all, err := a.Accounts.Sessions(ctx, who(ctx))
		if err != nil {
			return nil, err
		}
		out := Sessions{Sessions: make([]Session, len(all))}
		for i, s := range all {
			out.Sessions[i] = Session{
				ID: string(s.ID), Device: s.Device, CreatedAt: s.CreatedAt.UnixMilli(), LastSeenAt: s.LastSeenAt.UnixMilli(),
				Current: s.ID == session(ctx).ID,
			}
		}
		return &body[Sessions]{out}, nil
	})

	register(a, signedIn, huma.Operation{
		OperationID: "end-session", Method: http.MethodDelete, Path: "/api/me/sessions/{session}", DefaultStatus: http.StatusNoContent,
		Summary: "Sign a device out",
	}, func(ctx context.Context, in *struct {
		Session string `path:"session" format:"uuid"`
	}) (*none, error) {
		return nil, a.Accounts.End(ctx, who(ctx), account.SessionID(in.Session))
	})

	a.passkeyOperations()
}
