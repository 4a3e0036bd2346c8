package httpapi

import (
	"context"

	"heyy/internal/account"
	"heyy/internal/profile"
	"heyy/internal/wire"
)

// me is the asking person as they stand now.
func (a *API) me(ctx context.Context) (*body[Me], error) {
	who, err := a.Accounts.Of(ctx, who(ctx))
	if err != nil {
		return nil, err
	}
	me, err := a.describe(ctx, who)
	return &body[Me]{me}, err
}

// describe puts together what a person sees of themselves.
func (a *API) describe(ctx context.Context, who account.Account) (Me, error) {
	me := Me{
		ID: string(who.ID), Email: who.Email, Complete: who.Complete(), Language: "en", Born: who.Born,
		Languages: []string{}, Interests: []string{}, Intents: []string{}, Wishes: toWishes(profile.Wishes{}),
		Clips: []Clip{}, Photos: []Photo{}, Needs: []string{}, Badges: []string{},
	}
	keys, err := a.Accounts.Passkeys(ctx, who.ID)
	if err != nil {
		return Me{}, err
	}
	me.Passkeys = len(keys)
	if !me.Complete {
		return me, nil
	}
	p, err := a.Profiles.Of(ctx, who.ID)
	if err != nil {
		return Me{}, err
	}
	clips, err := a.Profiles.Clips(ctx, who.ID)
	if err != nil {
		return Me{}, err
	}
	card := a.card(who.ID, p, clips[who.ID])
	me.Settled, me.Name, me.Language, me.Age, me.Resident = p.Settled, p.Name, p.Language, p.Age, p.Resident
	me.Gender, me.Pronouns, me.Languages, me.Interests, me.Intents = p.Gender, p.Pronouns, p.Languages, p.Interests, p.Intents
	me.Wishes, me.Work, me.Voice, me.Clips, me.Badges = toWishes(p.Wishes), card.Work, card.Voice, card.Clips, card.Badges
	me.Verified, me.Paused = p.Verified, p.Paused
	photos, err := a.Photos.Mine(ctx, who.ID)
	if err != nil {
		return Me{}, err
	}
	me.Photos = a.photos(who.ID, photos)
	if me.Home, err = a.home(ctx, who.ID, p.Language); err != nil {
		return Me{}, err
	}
	needs := p.Needs()
	intro := len(clips[who.ID]) > 0 && clips[who.ID][0].Place == 0
	me.Shown = intro && !p.Paused && len(needs) == 0
	if me.Home.Region == nil {
		needs = append(needs, "home")
	}
	if !intro {
		needs = append(needs, "intro")
	}
	me.Needs = append(me.Needs, needs...)
	return me, nil
}

// card is somebody as viewer sees them.
func (a *API) card(viewer account.ID, p profile.Profile, clips []profile.Clip) PersonCard {
	c := PersonCard{
		Person: wire.ToPerson(p.Person), Pronouns: p.Pronouns, Language: p.Language, Languages: p.Languages,
		Interests: p.Interests, Clips: make([]Clip, len(clips)), Badges: badges(p, clips),
	}
	for i, clip := range clips {
		c.Clips[i] = Clip{
			Place: clip.Place, Prompt: clip.Prompt, Ms: clip.Ms, Peaks: make([]int, len(clip.Peaks)),
			URL: "/api/clips/" + clip.ID + "?ticket=" + a.Tickets.For(string(viewer), "clip/"+clip.ID),
		}
		for j, level := range clip.Peaks {
			c.Clips[i].Peaks[j] = int(level)
		}
	}
	if w := p.Card; w != nil {
		c.Work = &WorkCard{Role: w.Role, Company: w.Company, Links: w.Links, OpenTo: w.OpenTo}
	}
	return c
}

const manyLanguages = 3

// badges are what somebody has earned by being here. None can be bought.
func badges(p profile.Profile, clips []profile.Clip) []string {
	b := []string{}
	for _, has := range []struct {
		badge string
		it    bool
	}{
		{"verified", p.Verified}, {"new_here", p.New && !p.Resident},
		{"storyteller", len(clips) == profile.Places}, {"polyglot", len(p.Languages) >= manyLanguages},
	} {
		if has.it {
			b = append(b, has.badge)
		}
	}
	return b
}

func toWishes(w profile.Wishes) Wishes {
	return Wishes{
		Meet: list(w.Meet), From: w.From, To: w.To, Intents: list(w.Intents), Languages: list(w.Languages),
		Interests: list(w.Interests), VerifiedOnly: w.VerifiedOnly,
	}
}

func fromWishes(w Wishes) *profile.Wishes {
	return &profile.Wishes{
		Meet: w.Meet, From: w.From, To: w.To, Intents: w.Intents, Languages: w.Languages, Interests: w.Interests, VerifiedOnly: w.VerifiedOnly,
	}
}

// list is never null on the wire.
func list(keys []string) []string {
	if keys == nil {
		return []string{}
	}
	return keys
}
