package profile

import "slices"

// Group is a branch of the tree of interests.
type Group struct {
	Key       string
	Interests []string
}

// Tree is the list of interests by group, in display order. The names are in the client's
// catalogues; a key never changes once released.
var Tree = []Group{
	{"music", []string{"karaoke", "singing", "pop", "rock", "hip_hop", "jazz", "classical_music", "electronic_music", "folk", "metal", "rnb", "kpop", "opera", "playing_music", "concerts", "vinyl"}},
	{"sport", []string{"football", "basketball", "volleyball", "tennis", "padel", "table_tennis", "badminton", "running", "cycling", "swimming", "climbing", "gym", "yoga", "martial_arts", "skiing", "surfing", "sailing", "motorsport", "dance"}},
	{"outdoors", []string{"hiking", "camping", "fishing", "birdwatching", "stargazing", "gardening", "beaches", "mountains", "road_trips"}},
	{"games", []string{"video_games", "board_games", "card_games", "chess", "mahjong", "role_playing", "quizzes", "escape_rooms", "puzzles"}},
	{"food", []string{"cooking", "baking", "coffee", "tea", "wine", "craft_beer", "cocktails", "street_food", "vegetarian", "spicy_food", "restaurants"}},
	{"stories", []string{"books", "poetry", "fantasy", "crime_stories", "film", "series", "documentaries", "anime", "comics", "theatre", "comedy", "podcasts", "radio", "writing"}},
	{"making", []string{"art", "drawing", "photography", "design", "architecture", "fashion", "crafts", "knitting", "pottery", "woodwork", "diy", "film_making"}},
	{"mind", []string{"science", "history", "philosophy", "psychology", "politics", "economics", "space", "mathematics", "mythology", "astrology", "spirituality", "meditation", "mental_health"}},
	{"technology", []string{"technology", "programming", "artificial_intelligence", "robotics", "gadgets", "startups", "marketing", "finance", "careers", "remote_work"}},
	{"world", []string{"travel", "languages", "city_walks", "museums", "festivals", "living_abroad", "night_trains", "local_culture"}},
	{"life", []string{"animals", "dogs", "cats", "family", "parenting", "volunteering", "environment", "minimalism", "self_improvement", "slow_mornings", "night_owls", "cars", "motorcycles", "flea_markets", "interior_design"}},
}

// Interests are the keys of all interests, in the order of Tree.
var Interests = leaves()

func leaves() (all []string) {
	for _, g := range Tree {
		all = append(all, g.Interests...)
	}
	return all
}

// Spoken are the languages people can say they speak (ISO 639-1, three letters where there
// is no such code).
var Spoken = []string{
	"en", "it", "zh", "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fa", "fi", "fil", "fr", "ga", "gl", "gu", "he", "hi", "hr", "hu",
	"hy", "id", "is", "ja", "ka", "kk", "km", "ko", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "mt", "my", "ne", "nl", "no", "pa", "pl", "ps", "pt",
	"ro", "ru", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "th", "tr", "uk", "ur", "vi", "yue",
}

// Keys that people choose for themselves and in their preferences.
var (
	Genders = []string{"woman", "man", "nonbinary"}
	Intents = []string{"dating", "friends", "professional"}
	OpenTo  = []string{"a_job", "hiring", "collaborating", "mentoring", "a_mentor", "founding", "investing", "speaking", "advice"}
)

// Prompts are the keys of topics for clips.
var Prompts = []string{
	"best_sound", "perfect_sunday", "small_joy", "laugh_at_myself", "proud_of", "childhood_smell", "song_on_repeat", "never_too_late", "learnt_lately",
	"first_coffee", "talk_for_hours", "unpopular_opinion", "best_advice", "city_at_night", "dish_i_cook", "holiday_again", "friends_say", "quiet_place",
	"weather_for_me", "word_i_love", "film_i_quote", "late_at_night", "teach_you", "looking_for", "green_flag", "worst_haircut", "hero_of_mine",
	"if_i_had_a_year", "my_neighbourhood", "feel_at_home", "changed_my_mind", "tiny_adventure", "i_collect", "dream_job_at_ten", "thank_somebody", "two_truths",
}

// allIn reports whether all keys are in list, without repetition.
func allIn(keys, list []string) bool {
	for i, k := range keys {
		if !slices.Contains(list, k) || slices.Contains(keys[:i], k) {
			return false
		}
	}
	return true
}
