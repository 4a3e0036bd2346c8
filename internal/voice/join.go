package voice

import "time"

// Join is recordings one after another in one Ogg/Opus file that plays for most
// at most. It has the gain of the first one.
func Join(most time.Duration, parts ...Recording) []byte {
	var all Recording
	if len(parts) > 0 {
		all.preSkip, all.gain = parts[0].preSkip, parts[0].gain
	}
	longest, coded := int64(most*Rate/time.Second), -int64(all.preSkip)
	for _, part := range parts {
		for _, p := range part.Packets {
			if coded >= longest {
				break
			}
			all.Packets = append(all.Packets, p)
			coded += int64(packetSamples(p))
		}
	}
	all.samples = min(longest, max(0, coded))
	return all.build()
}
