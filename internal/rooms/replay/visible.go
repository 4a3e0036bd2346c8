package replay

// Visible returns the SQL expression of the id of the published replay of the last room of row r
// of events, null if there is none or it does not exist for viewer, an SQL expression. Within it r
// is the replay: hence the row o.
func Visible(viewer string) string {
	return `(SELECT (SELECT r.id FROM replays r WHERE r.id = o.id AND r.state = 'published' AND ` + exists(viewer) + `) FROM (SELECT r.last_room_id AS id) o)`
}
