package profile

// Interests are the keys a person may choose from, in the order in which to
// show them. Their names stand in the client's catalogues, so a key never
// changes once it was released.
var Interests = []string{
	"karaoke", "singing", "pop", "rock", "hip_hop", "jazz", "classical_music", "electronic_music", "playing_music",
	"football", "basketball", "tennis", "running", "cycling", "hiking", "swimming", "climbing", "yoga", "dance",
	"video_games", "board_games", "quizzes",
	"cooking", "coffee", "wine", "street_food",
	"travel", "languages", "books", "poetry", "film", "theatre", "comedy", "photography", "art", "fashion",
	"technology", "startups", "science", "history", "philosophy", "psychology",
	"animals", "gardening", "volunteering", "parenting", "meditation",
}
