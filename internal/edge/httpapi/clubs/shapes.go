package clubs

import (
	"heyy/internal/base/page"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/rooms/club"
)

// ClubCard is a club in a list.
type ClubCard struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	About    string            `json:"about"`
	Category apitypes.Category `json:"category"`
	Language apitypes.Language `json:"language"`
	Entry    string            `json:"entry" enum:"open,request,invite"`
	Members  int               `json:"members" doc:"Founder and admins too, without followers"`
	Role     string            `json:"role,omitempty" enum:"founder,admin,member,follower" doc:"Of the asking person"`
	MustRead bool              `json:"must_read,omitempty" doc:"The asking person is a member, and has not accepted the rules as they are"`
}

// ClubCards is a page of a list of clubs.
type ClubCards struct {
	Clubs []ClubCard `json:"clubs"`
	Next  string     `json:"next,omitempty"`
}

// Club is a club as the asking person sees it.
type Club struct {
	ClubCard
	Rules         string       `json:"rules"`
	RulesVersion  int64        `json:"rules_version" doc:"What is sent to accept them"`
	MembersInvite bool         `json:"members_invite" doc:"Members make links, too"`
	CreatedAt     int64        `json:"created_at"`
	Followers     int          `json:"followers"`
	Leaders       []ClubMember `json:"leaders" doc:"The founder, then the admins"`
	Asked         bool         `json:"asked,omitempty" doc:"The asking person has asked to join, and waits"`
	Banned        bool         `json:"banned,omitempty" doc:"The asking person cannot join"`
	CanInvite     bool         `json:"can_invite,omitempty"`
	Requests      int          `json:"requests,omitempty" doc:"For admins: those that they can answer"`
}

// ClubMember is a person in a club.
type ClubMember struct {
	Person   apitypes.Person `json:"person"`
	Role     string          `json:"role" enum:"founder,admin,member,follower"`
	JoinedAt int64           `json:"joined_at"`
}

// ClubMembers is a page of them.
type ClubMembers struct {
	Members []ClubMember `json:"members"`
	Next    string       `json:"next,omitempty"`
}

// ClubVoice is a member's intro.
type ClubVoice struct {
	Person apitypes.Person `json:"person"`
	Clip   people.Clip     `json:"clip"`
}

// ClubVoices is a page of the wall of voices.
type ClubVoices struct {
	Voices []ClubVoice `json:"voices"`
	Next   string      `json:"next,omitempty"`
}

// ClubRooms are the rooms of a club that are open now.
type ClubRooms struct {
	Rooms []apitypes.Card `json:"rooms"`
}

// ClubRequest is somebody who asks to join.
type ClubRequest struct {
	Person apitypes.Person `json:"person"`
	Note   string          `json:"note,omitempty"`
	At     int64           `json:"at"`
}

// ClubRequests is a page of them.
type ClubRequests struct {
	Requests []ClubRequest `json:"requests"`
	Next     string        `json:"next,omitempty"`
}

// ClubBan is somebody who cannot join.
type ClubBan struct {
	Person apitypes.Person `json:"person"`
	At     int64           `json:"at"`
}

// ClubBans is a page of them.
type ClubBans struct {
	Bans []ClubBan `json:"bans"`
	Next string    `json:"next,omitempty"`
}

// ClubLink is a link that lets people in.
type ClubLink struct {
	ID        string           `json:"id"`
	By        *apitypes.Person `json:"by,omitempty" doc:"Who made it; of somebody apart from the asking person nothing is told"`
	ExpiresAt int64            `json:"expires_at"`
	Most      int              `json:"most" doc:"How many it lets in"`
	Uses      int              `json:"uses"`
	Token     string           `json:"token,omitempty" doc:"The secret of the address /clubs/{id}/join/{token}; told once, to who makes the link"`
}

// ClubLinks are all that let people in now.
type ClubLinks struct {
	Links []ClubLink `json:"links"`
}

// wishes holds the editable fields of a club.
type wishes struct {
	Name          string            `json:"name" minLength:"1" maxLength:"200" doc:"One line of 2 to 40 characters"`
	About         string            `json:"about,omitempty" maxLength:"2500" doc:"Up to 500 characters"`
	Rules         string            `json:"rules,omitempty" maxLength:"5000" doc:"Up to 1000 characters; none: there are no rules"`
	Category      apitypes.Category `json:"category"`
	Language      apitypes.Language `json:"language"`
	Entry         string            `json:"entry" enum:"open,request,invite"`
	MembersInvite bool              `json:"members_invite,omitempty"`
}

func (w wishes) plan() club.Plan {
	return club.Plan{
		Name: w.Name, About: w.About, Rules: w.Rules, Category: string(w.Category), Language: string(w.Language), Entry: club.Entry(w.Entry), MembersInvite: w.MembersInvite,
	}
}

func toCard(c club.Club) ClubCard {
	return ClubCard{
		ID: string(c.ID), Name: c.Name, About: c.About, Category: apitypes.Category(c.Category), Language: apitypes.Language(c.Language), Entry: string(c.Entry),
		Members: c.Members, Role: string(c.Role), MustRead: c.MustRead(),
	}
}

func toCards(all []club.Club, next page.Cursor) ClubCards {
	out := ClubCards{Clubs: make([]ClubCard, len(all)), Next: next.String()}
	for i, c := range all {
		out.Clubs[i] = toCard(c)
	}
	return out
}
