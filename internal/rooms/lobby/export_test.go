package lobby

// Topics returns what each category is called.
func Topics() map[string][]string { return topics }
