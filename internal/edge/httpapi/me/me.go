package me

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/account"
	"heyy/internal/people/photo"
	"heyy/internal/people/profile"
	"heyy/internal/people/region"
	"heyy/internal/people/verification"
)

// Services holds the dependencies of the operations on one's own account and profile.
type Services struct {
	Accounts     *account.Service
	Profiles     *profile.Service
	Photos       *photo.Service
	Towns        *region.Towns
	Regions      *region.Service
	Verification *verification.Service
}

type api struct {
	*httpapi.API
	Services
	views *people.Views
}

// Register adds the operations on the acting person.
func Register(core *httpapi.API, s Services, views *people.Views) {
	a := &api{API: core, Services: s, views: views}
	a.meOperations()
	a.homeOperations()
	a.clipOperations()
	a.photoOperations()
	a.verificationOperations()
}

func (a *api) meOperations() {
	httpapi.Register(a.API, httpapi.SignedIn, huma.Operation{
		OperationID: "read-me", Method: http.MethodGet, Path: "/api/me",
		Summary: "Who you are",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[people.Me], error) {
		return a.views.Me(ctx)
	})

	httpapi.Register(a.API, httpapi.SignedIn, huma.Operation{
		OperationID: "complete-sign-up", Method: http.MethodPost, Path: "/api/me/sign-up",
		Summary: "Say when you were born and how you are called; under 18 is final",
	}, func(ctx context.Context, in *struct {
		Body struct {
			BirthDate string            `json:"birth_date" maxLength:"100" doc:"YYYY-MM-DD"`
			Name      string            `json:"name" maxLength:"400" doc:"One line, up to 40 characters"`
			Language  apitypes.Language `json:"language"`
		}
	}) (*httpapi.Body[people.Me], error) {
		who, err := a.Accounts.CompleteSignUp(ctx, httpapi.Actor(ctx), account.SignUp{BirthDate: in.Body.BirthDate, Name: in.Body.Name, Language: string(in.Body.Language)})
		if err != nil {
			return nil, err
		}
		own, err := a.views.Own(ctx, who)
		return httpapi.Answer(own), err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "edit-me", Method: http.MethodPatch, Path: "/api/me",
		Summary: "Change what others see of you",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Name        *string             `json:"name,omitempty" maxLength:"400" doc:"One line, up to 40 characters"`
			Language    *apitypes.Language  `json:"language,omitempty"`
			Gender      *people.Gender      `json:"gender,omitempty"`
			Pronouns    *string             `json:"pronouns,omitempty" maxLength:"400" doc:"One line, up to 24 characters; may be empty"`
			Languages   *[]string           `json:"languages,omitempty" maxItems:"100" maxLength:"100" doc:"Up to 8 keys of SpokenLanguage"`
			Interests   *[]string           `json:"interests,omitempty" maxItems:"200" maxLength:"100" doc:"Up to 20 keys of Interest"`
			Intents     *[]string           `json:"intents,omitempty" maxItems:"10" maxLength:"100" doc:"Keys of Intent"`
			Preferences *people.Preferences `json:"preferences,omitempty"`
			Work        *people.WorkCard    `json:"work,omitempty" doc:"All of it; an empty one takes it away"`
			Onboarded   *bool               `json:"onboarded,omitempty"`
			Paused      *bool               `json:"paused,omitempty"`
			Public      *bool               `json:"public,omitempty" doc:"Whether people without an account see your name and aura where you speak in a shared room"`
		}
	}) (*httpapi.Body[people.Me], error) {
		b := in.Body
		c := profile.Changes{
			Name: b.Name, Language: (*string)(b.Language), Gender: (*string)(b.Gender), Pronouns: b.Pronouns, Languages: b.Languages, Interests: b.Interests,
			Intents: b.Intents, Onboarded: b.Onboarded, Paused: b.Paused, Public: b.Public,
		}
		if b.Preferences != nil {
			c.Preferences = people.FromPreferences(*b.Preferences)
		}
		if b.Work != nil {
			c.Work = &profile.Work{Role: b.Work.Role, Company: b.Work.Company, Links: b.Work.Links, OpenTo: b.Work.OpenTo}
		}
		if _, err := a.Profiles.Edit(ctx, httpapi.Actor(ctx), c); err != nil {
			return nil, err
		}
		return a.views.Me(ctx)
	})

}
