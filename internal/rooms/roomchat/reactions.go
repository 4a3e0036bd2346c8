package roomchat

// Applause is the reaction of which clients hear how many people clap, not who.
const Applause = "👏"

// Reactions are the emoji that people show in a room, in the order of the bar. They are no rows:
// whoever is not there misses nothing.
var Reactions = []string{Applause, "❤️", "😂", "🔥", "🎉", "😮", "👍", "😢"}
