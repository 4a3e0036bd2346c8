package verification

// Words are what a phrase is made of: things that everybody can name and say.
// Their names stand in the client's catalogues, so a key never changes once it
// was released.
var Words = []string{
	"apple", "autumn", "bakery", "balcony", "bicycle", "bread", "bridge", "butterfly", "button", "candle",
	"castle", "chair", "cherry", "circle", "cloud", "coffee", "dolphin", "door", "feather", "fire",
	"flower", "forest", "garden", "guitar", "hammer", "harbour", "honey", "island", "kitchen", "ladder",
	"lemon", "letter", "lion", "market", "mirror", "moon", "morning", "mountain", "ocean", "orange",
	"paper", "pencil", "piano", "pillow", "rain", "river", "salt", "shadow", "silver", "snow",
	"spoon", "spring", "star", "station", "stone", "sugar", "summer", "tiger", "train", "umbrella",
	"village", "window", "winter", "yellow",
}

// Poses are what a selfie may be asked to show.
var Poses = []string{
	"finger_on_nose", "fist_on_chin", "hand_on_ear", "hand_on_head", "hand_on_heart", "open_hand_beside_face", "thumb_up", "two_fingers_up",
}

// Reasons are why moderators decline.
var Reasons = []string{"words", "pose", "unclear", "face_hidden", "somebody_else", "not_live", "other"}
