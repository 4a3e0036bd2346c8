package verification

// Words are the words of a phrase: things that everybody can name and say. The names are in
// the client's catalogues; a key never changes once released.
var Words = []string{
	"apple", "autumn", "bakery", "balcony", "bicycle", "bread", "bridge", "butterfly", "button", "candle",
	"castle", "chair", "cherry", "circle", "cloud", "coffee", "dolphin", "door", "feather", "fire",
	"flower", "forest", "garden", "guitar", "hammer", "harbour", "honey", "island", "kitchen", "ladder",
	"lemon", "letter", "lion", "market", "mirror", "moon", "morning", "mountain", "ocean", "orange",
	"paper", "pencil", "piano", "pillow", "rain", "river", "salt", "shadow", "silver", "snow",
	"spoon", "spring", "star", "station", "stone", "sugar", "summer", "tiger", "train", "umbrella",
	"village", "window", "winter", "yellow",
}

// Poses are the keys of poses for a selfie.
var Poses = []string{
	"finger_on_nose", "fist_on_chin", "hand_on_ear", "hand_on_head", "hand_on_heart", "open_hand_beside_face", "thumb_up", "two_fingers_up",
}

// Reasons are the keys of reasons to decline.
var Reasons = []string{"words", "pose", "unclear", "face_hidden", "somebody_else", "not_live", "other"}
