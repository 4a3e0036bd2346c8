package people

import (
	"context"
	"slices"

	"heyy/internal/base/signedurl"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/meet/follow"
	"heyy/internal/people/account"
	"heyy/internal/people/photo"
	"heyy/internal/people/profile"
	"heyy/internal/people/region"
	"heyy/internal/talk/message"
	"heyy/internal/talk/presence"
)

// Views makes what a viewer may see of people.
type Views struct {
	Accounts *account.Service
	Profiles *profile.Service
	Photos   *photo.Service
	Regions  *region.Service
	Towns    *region.Towns
	Tickets  *signedurl.Signer
	Messages *message.Service
	Follows  *follow.Service
	Presence *presence.Service
}

// Me returns the acting person's own account and profile as an answer.
func (v *Views) Me(ctx context.Context) (*httpapi.Body[Me], error) {
	who, err := v.Accounts.Get(ctx, httpapi.Actor(ctx))
	if err != nil {
		return nil, err
	}
	me, err := v.Own(ctx, who)
	return httpapi.Answer(me), err
}

// Own returns a person's own account and profile.
func (v *Views) Own(ctx context.Context, who account.Account) (Me, error) {
	me := Me{
		ID: string(who.ID), Email: who.Email, Complete: who.Complete(), Language: "en", BirthDate: who.BirthDate,
		Languages: []string{}, Interests: []string{}, Intents: []string{}, Preferences: toPreferences(profile.Preferences{}),
		Clips: []Clip{}, Photos: []Photo{}, Needs: []string{}, Badges: []string{}, Presence: PresenceSettings{Mode: PresenceMode(presence.Visible)},
	}
	keys, err := v.Accounts.Passkeys(ctx, who.ID)
	if err != nil {
		return Me{}, err
	}
	me.Passkeys = len(keys)
	if !me.Complete {
		return me, nil
	}
	p, err := v.Profiles.Get(ctx, who.ID)
	if err != nil {
		return Me{}, err
	}
	clips, err := v.Profiles.Clips(ctx, who.ID)
	if err != nil {
		return Me{}, err
	}
	card := v.Card(who.ID, p, clips[who.ID])
	me.Onboarded, me.Name, me.Language, me.Age, me.Resident = p.Onboarded, p.Name, apitypes.Language(p.Language), p.Age, p.Resident
	me.Gender, me.Pronouns, me.Languages, me.Interests, me.Intents = Gender(p.Gender), p.Pronouns, p.Languages, p.Interests, p.Intents
	me.Preferences, me.Work, me.Voice, me.Clips, me.Badges = toPreferences(p.Preferences), card.Work, card.Voice, card.Clips, card.Badges
	me.Verified, me.Paused, me.Public = p.Verified, p.Paused, p.Public
	photos, err := v.Photos.List(ctx, who.ID)
	if err != nil {
		return Me{}, err
	}
	me.Photos = v.PhotoList(who.ID, photos)
	if me.Home, err = v.home(ctx, who.ID, p.Language); err != nil {
		return Me{}, err
	}
	marks, err := v.Messages.ReadMarks(ctx, who.ID)
	if err != nil {
		return Me{}, err
	}
	me.ReadMarks, me.ReadMarksFrom = marks.Shown, apitypes.Millis(marks.From)
	chats, err := v.Messages.Settings(ctx, who.ID)
	if err != nil {
		return Me{}, err
	}
	me.Requests, me.ChatLimit = chats.Requests, chats.Limit
	here, err := v.Presence.Settings(ctx, who.ID)
	if err != nil {
		return Me{}, err
	}
	me.Presence = PresenceSettings{Mode: PresenceMode(here.Mode), Until: apitypes.Millis(here.Until), ShowRooms: here.ShowRooms}
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

// BothProfessional reports whether two people are here for their profession: if they follow each
// other, too, they need no request for a chat.
func (v *Views) BothProfessional(ctx context.Context, by, other account.ID) (bool, error) {
	both, err := v.Profiles.GetMany(ctx, by, other)
	if err != nil {
		return false, err
	}
	return isProfessional(both[by]) && isProfessional(both[other]), nil
}

// ChatWays returns how viewer comes to a chat with each of some people.
func (v *Views) ChatWays(ctx context.Context, viewer account.ID, of ...account.ID) (map[account.ID]message.Way, error) {
	acquainted, err := v.acquainted(ctx, viewer, of)
	if err != nil {
		return nil, err
	}
	return v.Messages.Ways(ctx, viewer, func(who account.ID) bool { return acquainted[who] }, of...)
}

// acquainted returns who among some people is a friend of viewer's with whom they share their profession.
func (v *Views) acquainted(ctx context.Context, viewer account.ID, among []account.ID) (map[account.ID]bool, error) {
	found := map[account.ID]bool{}
	bonds, err := v.Follows.Bonds(ctx, viewer, among...)
	if err != nil {
		return nil, err
	}
	both := []account.ID{viewer}
	for who, bond := range bonds {
		if bond.Friend {
			both = append(both, who)
		}
	}
	if len(both) == 1 {
		return found, nil
	}
	known, err := v.Profiles.GetMany(ctx, both...)
	if err != nil {
		return nil, err
	}
	for _, who := range both[1:] {
		found[who] = isProfessional(known[viewer]) && isProfessional(known[who])
	}
	return found, nil
}

func isProfessional(p profile.Profile) bool { return slices.Contains(p.Intents, "professional") }

// Card is somebody as viewer sees them.
func (v *Views) Card(viewer account.ID, p profile.Profile, clips []profile.Clip) PersonCard {
	c := PersonCard{
		Person: apitypes.ToPerson(p.Person), Pronouns: p.Pronouns, Language: apitypes.Language(p.Language), Languages: p.Languages,
		Interests: p.Interests, Clips: make([]Clip, len(clips)), Badges: badges(p, clips),
	}
	for i, clip := range clips {
		c.Clips[i] = v.Clip(viewer, clip)
	}
	if w := p.Work; w != nil {
		c.Work = &WorkCard{Role: w.Role, Company: w.Company, Links: w.Links, OpenTo: w.OpenTo}
	}
	return c
}

// Clip is a recording that viewer may hear.
func (v *Views) Clip(viewer account.ID, clip profile.Clip) Clip {
	out := Clip{
		Place: clip.Place, Prompt: clip.Prompt, Ms: clip.Ms, Peaks: make([]int, len(clip.Peaks)),
		URL: "/api/clips/" + clip.ID + "?ticket=" + v.Tickets.Sign(string(viewer), "clip/"+clip.ID),
	}
	for i, level := range clip.Peaks {
		out.Peaks[i] = int(level)
	}
	return out
}

const manyLanguages = 3

// badges are what somebody has earned by being here. None can be bought.
func badges(p profile.Profile, clips []profile.Clip) []string {
	b := []string{}
	for _, has := range []struct {
		badge string
		it    bool
	}{
		{"verified", p.Verified}, {"new_here", p.New},
		{"storyteller", len(clips) == profile.ClipPlaces}, {"polyglot", len(p.Languages) >= manyLanguages},
	} {
		if has.it {
			b = append(b, has.badge)
		}
	}
	return b
}

func toPreferences(w profile.Preferences) Preferences {
	return Preferences{
		Meet: apitypes.List(w.Meet), From: w.From, To: w.To, Intents: apitypes.List(w.Intents), Languages: apitypes.List(w.Languages),
		Interests: apitypes.List(w.Interests), VerifiedOnly: w.VerifiedOnly,
	}
}

// FromPreferences reads wishes that somebody sends.
func FromPreferences(w Preferences) *profile.Preferences {
	return &profile.Preferences{
		Meet: w.Meet, From: w.From, To: w.To, Intents: w.Intents, Languages: w.Languages, Interests: w.Interests, VerifiedOnly: w.VerifiedOnly,
	}
}

// home is where the asking person lives, in their language.
func (v *Views) home(ctx context.Context, of account.ID, language string) (Home, error) {
	h, err := v.Regions.Home(ctx, of, language)
	if err != nil {
		return Home{}, err
	}
	out := Home{Region: ToRegion(h.Place, ""), Shown: ToRegion(h.Shown, ""), Next: ToRegion(h.Next, ""), MovesLeft: h.MovesLeft}
	if h.Next != nil {
		out.NextAt = h.NextAt.UnixMilli()
	}
	return out, nil
}

// ToRegion shapes a region; nil is none.
func ToRegion(p *region.Place, where region.Where) *Region {
	if p == nil {
		return nil
	}
	return &Region{Name: p.Name, Country: p.Country, Size: p.Size, Where: string(where)}
}

// PhotoList shapes photos that viewer may see.
func (v *Views) PhotoList(viewer account.ID, all []photo.Photo) []Photo {
	out := make([]Photo, len(all))
	for i, p := range all {
		id := string(p.ID)
		out[i] = Photo{
			ID: id, Width: p.Width, Height: p.Height, Blurhash: p.Blurhash,
			URL: "/api/photos/" + id + "?ticket=" + v.Tickets.Sign(string(viewer), "photo/"+id),
		}
	}
	return out
}

// Sight is the data read to show a list of people to one viewer.
type Sight struct {
	Viewer profile.Profile
	People map[account.ID]profile.Profile
	Clips  map[account.ID][]profile.Clip
}

// Look reads what is needed to show people to viewer.
func (v *Views) Look(ctx context.Context, viewer account.ID, ids ...account.ID) (s Sight, err error) {
	if s.People, err = v.Profiles.GetMany(ctx, append(ids, viewer)...); err != nil {
		return s, err
	}
	s.Viewer = s.People[viewer]
	s.Clips, err = v.Profiles.Clips(ctx, ids...)
	return s, err
}

// CommonIntents are the intents that somebody shares with the viewer, in their order.
func (s Sight) CommonIntents(p profile.Profile) []string {
	both := []string{}
	for _, i := range profile.Intents {
		if slices.Contains(p.Intents, i) && slices.Contains(s.Viewer.Intents, i) {
			both = append(both, i)
		}
	}
	return both
}

// Region is the region of a cell as viewer reads it.
func (v *Views) Region(viewer profile.Profile, c region.Cell, where region.Where) *Region {
	return ToRegion(v.Towns.Place(c, viewer.Language), where)
}

// SharedInterests are the interests that somebody has in common with the viewer.
func (s Sight) SharedInterests(p profile.Profile) []string {
	both := []string{}
	for _, i := range p.Interests {
		if slices.Contains(s.Viewer.Interests, i) {
			both = append(both, i)
		}
	}
	return both
}
