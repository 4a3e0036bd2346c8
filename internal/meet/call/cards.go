package call

import (
	"math/rand/v2"
	"slices"
)

// CardKind is what a card asks for.
type CardKind string

// The kinds of cards.
const (
	Question       CardKind = "question"
	WouldYouRather CardKind = "would_you_rather"
	Game           CardKind = "game" // two minutes, by voice alone
)

// Card is an icebreaker. Its words stand in the client's catalogues, so a key
// never changes once it was released.
type Card struct {
	Key  string
	Kind CardKind
	Fits []string // who likes one of these interests; none: everybody
}

// Deck is every card there is.
var Deck = slices.Concat(
	of(Question, nil,
		"best_this_week", "sound_of_home", "smile_today", "small_luxury", "friend_since", "good_at_secretly", "last_laugh", "place_to_be_quiet",
		"changed_mind", "learn_next", "meal_again", "advice_kept", "kind_stranger", "scared_then_glad", "morning_or_night", "child_wanted_to_be",
		"unexpected_love", "proud_small", "song_now", "window_view", "word_you_like", "free_tomorrow", "gift_remembered", "never_tired_of"),
	of(WouldYouRather, nil,
		"rather_past_or_future", "rather_sea_or_mountain", "rather_call_or_letter", "rather_know_all_languages_or_instruments", "rather_early_or_late",
		"rather_small_town_or_city", "rather_cook_or_be_cooked_for", "rather_one_book_or_one_album", "rather_rain_or_heat", "rather_be_early_or_surprised",
		"rather_fly_or_breathe_underwater", "rather_plan_or_drift", "rather_big_party_or_three_friends", "rather_summer_or_winter",
		"rather_no_phone_or_no_music", "rather_sing_or_dance_in_public"),
	of(Game, nil,
		"two_truths_one_lie", "story_word_by_word", "guess_the_hum", "ten_questions", "rhyme_on", "alphabet_animals", "describe_without_word",
		"same_answer_at_three", "sell_me_a_spoon", "sounds_around_you"),
	of(Question, []string{"karaoke", "singing", "pop", "rock", "hip_hop", "jazz", "classical_music", "electronic_music", "folk", "metal", "rnb", "kpop", "opera", "playing_music", "concerts", "vinyl"},
		"first_concert", "song_for_sad_days"),
	of(Game, []string{"karaoke", "singing", "playing_music", "pop", "kpop"}, "sing_the_next_line"),
	of(Question, []string{"football", "basketball", "volleyball", "tennis", "padel", "table_tennis", "badminton", "running", "cycling", "swimming", "climbing", "gym", "yoga", "martial_arts", "skiing", "surfing", "sailing", "motorsport", "dance"},
		"sport_moment", "moving_feels_best"),
	of(WouldYouRather, []string{"football", "basketball", "volleyball", "tennis", "padel", "running", "cycling", "motorsport"}, "rather_play_badly_or_watch_great"),
	of(Question, []string{"hiking", "camping", "fishing", "birdwatching", "stargazing", "gardening", "beaches", "mountains", "road_trips"},
		"outside_by_yourself", "sky_remembered"),
	of(WouldYouRather, []string{"hiking", "camping", "beaches", "mountains", "road_trips", "stargazing"}, "rather_tent_or_cabin"),
	of(Question, []string{"video_games", "board_games", "card_games", "chess", "mahjong", "role_playing", "quizzes", "escape_rooms", "puzzles"},
		"game_of_childhood"),
	of(Game, []string{"quizzes", "board_games", "card_games", "chess", "puzzles", "role_playing", "video_games"}, "quiz_each_other"),
	of(Question, []string{"cooking", "baking", "coffee", "tea", "wine", "craft_beer", "cocktails", "street_food", "vegetarian", "spicy_food", "restaurants"},
		"dish_for_a_guest", "taste_of_childhood"),
	of(WouldYouRather, []string{"cooking", "baking", "coffee", "tea", "street_food", "spicy_food", "restaurants", "vegetarian"}, "rather_sweet_or_salty_for_ever"),
	of(Question, []string{"books", "poetry", "fantasy", "crime_stories", "film", "series", "documentaries", "anime", "comics", "theatre", "comedy", "podcasts", "radio", "writing"},
		"story_that_stayed", "character_to_meet"),
	of(WouldYouRather, []string{"books", "fantasy", "film", "series", "anime", "comics", "theatre"}, "rather_live_in_last_story_or_first"),
	of(Question, []string{"art", "drawing", "photography", "design", "architecture", "fashion", "crafts", "knitting", "pottery", "woodwork", "diy", "film_making"},
		"made_with_hands", "beautiful_ordinary_thing"),
	of(Question, []string{"science", "history", "philosophy", "psychology", "politics", "economics", "space", "mathematics", "mythology", "astrology", "spirituality", "meditation", "mental_health"},
		"question_without_answer", "idea_that_changed_you"),
	of(WouldYouRather, []string{"science", "space", "history", "philosophy", "mythology"}, "rather_meet_ancestor_or_descendant"),
	of(Question, []string{"technology", "programming", "artificial_intelligence", "robotics", "gadgets", "startups", "marketing", "finance", "careers", "remote_work"},
		"work_you_forget_time_in", "invention_you_miss"),
	of(Question, []string{"travel", "city_walks", "museums", "festivals", "living_abroad", "night_trains", "local_culture", "road_trips"},
		"place_that_surprised", "where_tomorrow"),
	of(WouldYouRather, []string{"travel", "night_trains", "living_abroad", "city_walks"}, "rather_one_place_deeply_or_ten_quickly"),
	of(Game, []string{"languages", "living_abroad", "travel", "local_culture"}, "teach_me_a_word", "say_it_in_yours"),
	of(Question, []string{"animals", "dogs", "cats"}, "animal_with_character"),
	of(WouldYouRather, []string{"animals", "dogs", "cats"}, "rather_talk_to_dogs_or_cats"),
	of(Question, []string{"family", "parenting", "volunteering", "environment", "minimalism", "self_improvement", "slow_mornings", "night_owls", "interior_design", "flea_markets", "cars", "motorcycles"},
		"habit_that_helps", "thing_never_given_away"),
)

func of(k CardKind, fits []string, keys ...string) (all []Card) {
	for _, key := range keys {
		all = append(all, Card{key, k, fits})
	}
	return all
}

// hand is what lies in front of two people, kind by kind: easy first, and
// something to do before anybody runs out of words.
var hand = []CardKind{
	Question, WouldYouRather, Question, Game, Question, WouldYouRather,
	Question, Game, WouldYouRather, Question, WouldYouRather, Question,
}

// Cards are the keys of twelve different cards for two people who share these
// interests. Cards that fit come first within their kind; those for interests
// that the two do not share never come. The same seed gives the same cards.
func Cards(shared []string, seed uint64) []string {
	deck := slices.Clone(Deck)
	chance := rand.New(rand.NewPCG(seed, seed))
	chance.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
	rank := func(c Card) int {
		switch {
		case len(c.Fits) == 0:
			return 1
		case slices.ContainsFunc(c.Fits, func(i string) bool { return slices.Contains(shared, i) }):
			return 0
		default:
			return 2
		}
	}
	slices.SortStableFunc(deck, func(a, b Card) int { return rank(a) - rank(b) })
	keys := []string{}
	for _, kind := range hand {
		i := slices.IndexFunc(deck, func(c Card) bool { return c.Kind == kind })
		keys = append(keys, deck[i].Key)
		deck = slices.Delete(deck, i, i+1)
	}
	return keys
}
