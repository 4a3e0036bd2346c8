package db_test

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
)

// deeds are rows of somebody who has done everything that leaves a row: one for
// each column that refers to an account. $1 is that account, $2 another one.
var deeds = map[string]string{
	"sessions.account_id":              `INSERT INTO sessions (id, account_id, token_hash, device, created_at, last_seen_at, expires_at) VALUES ('s', $1, 't', 'd', 0, 0, 0)`,
	"passkeys.account_id":              `INSERT INTO passkeys (id, account_id, credential_id, credential, name, created_at) VALUES ('p', $1, 'c', '{}', 'n', 0)`,
	"profiles.account_id":              `INSERT INTO profiles (account_id, name, language, interests, updated_at) VALUES ($1, 'Ada', 'en', '[]', 0)`,
	"room_messages.account_id":         `INSERT INTO room_messages (room_id, n, id, account_id, text, at) VALUES ('r2', 1, 'm', $1, 'Hi', 0)`,
	"rooms.host_id":                    `INSERT INTO rooms (id, category, title, language, host_id, seats, seq, created_at) VALUES ('r1', 'talk', 'Mine', 'en', $1, 11, 2, 0)`,
	"room_members.account_id":          `INSERT INTO room_members (room_id, account_id, role, seat, muted, can_speak, join_id, joined_at) VALUES ('r2', $1, 'speaker', 2, FALSE, TRUE, 'j', 0)`,
	"room_log.by_id":                   `INSERT INTO room_log (id, room_id, at, by_id, action) VALUES ('g1', 'r2', 0, $1, 'removed')`,
	"room_log.account_id":              `INSERT INTO room_log (id, room_id, account_id, by_id, at, action) VALUES ('g2', 'r2', $1, $2, 0, 'removed')`,
	"room_bans.host_id":                `INSERT INTO room_bans (host_id, account_id, at) VALUES ($1, $2, 0)`,
	"room_bans.account_id":             `INSERT INTO room_bans (account_id, host_id, at) VALUES ($1, $2, 0)`,
	"room_admissions.account_id":       `INSERT INTO room_admissions (room_id, account_id) VALUES ('r2', $1)`,
	"room_pin_tries.account_id":        `INSERT INTO room_pin_tries (id, room_id, account_id, network, at) VALUES ('t', 'r2', $1, 'n', 0)`,
	"club_members.account_id":          `INSERT INTO club_members (club_id, account_id, role, rules_accepted, joined_at) VALUES ('k1', $1, 'founder', 1, 0)`,
	"club_requests.account_id":         `INSERT INTO club_requests (club_id, account_id, note, rules_version, at) VALUES ('k1', $1, '', 1, 0)`,
	"club_invites.by_id":               `INSERT INTO club_invites (id, club_id, by_id, token_hash, created_at, expires_at, most) VALUES ('i1', 'k1', $1, 'h', 0, 0, 1)`,
	"club_invite_uses.account_id":      `INSERT INTO club_invite_uses (invite_id, account_id) VALUES ('i2', $1)`,
	"club_bans.account_id":             `INSERT INTO club_bans (club_id, account_id, by_id, at) VALUES ('k1', $1, $2, 0)`,
	"club_bans.by_id":                  `INSERT INTO club_bans (club_id, by_id, account_id, at) VALUES ('k1', $1, $2, 0)`,
	"events.host_id":                   `INSERT INTO events (id, host_id, title, about, category, shape, language, access, zone, wall, starts_at, minutes, weekly, state, created_at, updated_at) VALUES ('e1', $1, 'x', '', 'talk', 'lounge', 'en', 'open', 'UTC', '2026-01-01T00:00', 0, 60, FALSE, 'planned', 0, 0)`,
	"event_people.account_id":          `INSERT INTO event_people (event_id, account_id, part, answer, at) VALUES ('e0', $1, 'speaker', 'none', 0)`,
	"event_goers.account_id":           `INSERT INTO event_goers (event_id, account_id, at) VALUES ('e0', $1, 0)`,
	"replays.host_id":                  `INSERT INTO replays (id, host_id, title, category, language, access, women_only, verified_only, state, began_at, keep_days) VALUES ('y1', $1, 'x', 'talk', 'en', 'open', FALSE, FALSE, 'recording', 0, 30)`,
	"replay_voices.account_id":         `INSERT INTO replay_voices (replay_id, account_id, keeps, at) VALUES ('y0', $1, TRUE, 0)`,
	"replay_parts.account_id":          `INSERT INTO replay_parts (id, replay_id, account_id, from_ms, ms, loud_ms, bytes, blob_key) VALUES ('t1', 'y0', $1, 0, 1, 1, 1, 'k')`,
	"replay_lines.account_id":          `INSERT INTO replay_lines (replay_id, id, account_id, kind, at_ms, text) VALUES ('y0', 'l1', $1, 'chat', 0, 'x')`,
	"replay_marks.account_id":          `INSERT INTO replay_marks (replay_id, account_id, at_ms) VALUES ('y0', $1, 0)`,
	"replay_removals.account_id":       `INSERT INTO replay_removals (replay_id, account_id) VALUES ('y0', $1)`,
	"replay_admissions.account_id":     `INSERT INTO replay_admissions (replay_id, account_id) VALUES ('y0', $1)`,
	"event_quotas.account_id":          `INSERT INTO event_quotas (account_id, invites_until) VALUES ($1, 1)`,
	"event_calendars.account_id":       `INSERT INTO event_calendars (account_id, token_hash, created_at) VALUES ($1, 'h', 0)`,
	"clips.account_id":                 `INSERT INTO clips (id, account_id, place, prompt, blob_key, ms, peaks, created_at) VALUES ('c', $1, 0, 'best_sound', 'k', 9, '', 0)`,
	"hearings.listener_id":             `INSERT INTO hearings (listener_id, clip_id, first_at) VALUES ($1, 'c2', 0)`,
	"blocks.by_id":                     `INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 0)`,
	"blocks.on_id":                     `INSERT INTO blocks (on_id, by_id, at) VALUES ($1, $2, 0)`,
	"reports.by_id":                    `INSERT INTO reports (id, by_id, on_id, reason, note, place, created_at) VALUES ('x1', $1, $2, 'spam', '', 'profile', 0)`,
	"reports.on_id":                    `INSERT INTO reports (id, on_id, by_id, reason, note, place, created_at) VALUES ('x2', $1, $2, 'spam', '', 'profile', 0)`,
	"follows.follower_id":              `INSERT INTO follows (follower_id, followee_id, at) VALUES ($1, $2, 1)`,
	"follows.followee_id":              `INSERT INTO follows (followee_id, follower_id, at) VALUES ($1, $2, 1)`,
	"contact_cards.a_id":               `INSERT INTO contact_cards (a_id, b_id, state, by_a, place, at) VALUES ($1, 'z1', 'exchanged', TRUE, 'x', 0)`,
	"contact_cards.b_id":               `INSERT INTO contact_cards (a_id, b_id, state, by_a, place, at, until) VALUES ('a1', $1, 'offered', TRUE, 'x', 0, 9)`,
	"regions.account_id":               `INSERT INTO regions (account_id, cell, moved, counts_at, shown, updated_at) VALUES ($1, '47', '[]', 0, '47', 0)`,
	"photos.account_id":                `INSERT INTO photos (id, account_id, nr, blob_key, width, height, blurhash, created_at) VALUES ('f', $1, 1, 'k', 1, 1, 'b', 0)`,
	"chats.a_id":                       `INSERT INTO chats (a_id, b_id, at) VALUES ($1, 'z1', 0)`,
	"chats.b_id":                       `INSERT INTO chats (a_id, b_id, at) VALUES ('a1', $1, 0)`,
	"read_marks.account_id":            `INSERT INTO read_marks (account_id, shown) VALUES ($1, FALSE)`,
	"message_quotas.account_id":        `INSERT INTO message_quotas (account_id, text_until, voice_until) VALUES ($1, 1, 1)`,
	"chat_settings.account_id":         `INSERT INTO chat_settings (account_id, requests, most) VALUES ($1, TRUE, 0)`,
	"chat_refusals.by_id":              `INSERT INTO chat_refusals (by_id, on_id, at) VALUES ($1, 'z1', 0)`,
	"chat_refusals.on_id":              `INSERT INTO chat_refusals (by_id, on_id, at) VALUES ('a1', $1, 0)`,
	"moments.account_id":               `INSERT INTO moments (id, account_id, audience, text, audio_key, ms, at, expires_at) VALUES ('o1', $1, 'everyone', '', 'k', 9, 0, 9)`,
	"moments_heard.account_id":         `INSERT INTO moments_heard (moment_id, account_id) VALUES ('o0', $1)`,
	"moment_authors.account_id":        `INSERT INTO moment_authors (account_id, n) VALUES ($1, 1)`,
	"reveals.a_id":                     `INSERT INTO reveals (a_id, b_id, a_upto, seq) VALUES ($1, 'z1', 1, 1)`,
	"reveals.b_id":                     `INSERT INTO reveals (a_id, b_id, b_upto, seq) VALUES ('a1', $1, 1, 1)`,
	"verifications.account_id":         `INSERT INTO verifications (id, account_id, state, phrase, pose, created_at, expires_at) VALUES ('v', $1, 'waiting', '[]', 'x', 0, 0)`,
	"pairs.a_id":                       `INSERT INTO pairs (a_id, b_id, a_choice, matched_at) VALUES ($1, 'z1', 'like', 1)`,
	"pairs.b_id":                       `INSERT INTO pairs (a_id, b_id, b_choice) VALUES ('a1', $1, 'pass')`,
	"choosers.account_id":              `INSERT INTO choosers (account_id, n) VALUES ($1, 1)`,
	"choices.by_id":                    `INSERT INTO choices (by_id, n, on_id, liked, at, was, was_at) VALUES ($1, 1, $2, TRUE, 0, '', 0)`,
	"exposures.account_id":             `INSERT INTO exposures (account_id, audience) VALUES ($1, 1)`,
	"tastes.account_id":                `INSERT INTO tastes (account_id, liked, liked_1, liked_2, liked_3, liked_4, left_out, left_1, left_2, left_3, left_4) VALUES ($1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)`,
	"bells.account_id":                 `INSERT INTO bells (account_id, known, set_at, looked_at) VALUES ($1, '[]', 0, 0)`,
	"call_sides.account_id":            `INSERT INTO call_sides (call_id, account_id, other_id, open, seq, muted, taken, more) VALUES ('c1', $1, $2, TRUE, 1, FALSE, FALSE, 0)`,
	"meetings.a_id":                    `INSERT INTO meetings (a_id, b_id, at, never) VALUES ($1, 'z1', 0, FALSE)`,
	"meetings.b_id":                    `INSERT INTO meetings (a_id, b_id, at, never) VALUES ('a1', $1, 0, TRUE)`,
	"happy_rsvps.account_id":           `INSERT INTO happy_rsvps (hour_id, account_id) VALUES ('h1', $1)`,
	"tickets.account_id":               `INSERT INTO tickets (account_id, id, resident, intents, languages, entered_at, deadline_at, skips, silent, changed_at) VALUES ($1, 't1', FALSE, '[]', '[]', 0, 0, '[]', 0, 0)`,
	"call_bells.account_id":            `INSERT INTO call_bells (account_id, set_at) VALUES ($1, 0)`,
	"profile_changes.account_id":       `INSERT INTO profile_changes (account_id, kind, day, n) VALUES ($1, 'gender', '2026-01-01', 1)`,
	"refusals.account_id":              `INSERT INTO refusals (account_id, count, at, rest_until) VALUES ($1, 1, 0, 0)`,
	"regards.account_id":               `INSERT INTO regards (account_id, kind, unkind, on_topic, off_topic, safe, unsafe) VALUES ($1, 1, 0, 0, 0, 0, 0)`,
	"push_subscriptions.account_id":    `INSERT INTO push_subscriptions (session_id, account_id, endpoint, host, p256dh, auth, created_at, failures) VALUES ('s0', $1, 'e', 'h', 'p', 'a', 0, 0)`,
	"mail_queue.account_id":            `INSERT INTO mail_queue (account_id, source, detail, priority, at, due_at, expires_at, tries, sent_at) VALUES ($1, 'digest', '', 1, 0, 0, 0, 0, 0)`,
	"notifications.account_id":         `INSERT INTO notifications (id, account_id, kind, source, outcome, detail, listed, at) VALUES ('n1', $1, 'fits', 'f', '', '', TRUE, 0)`,
	"notifications.about_id":           `INSERT INTO notifications (id, about_id, account_id, kind, source, outcome, detail, listed, at) VALUES ('n2', $1, $2, 'match', 'f', '', '', TRUE, 0)`,
	"online.account_id":                `INSERT INTO online (account_id, node) VALUES ($1, 'one')`,
	"presence_settings.account_id":     `INSERT INTO presence_settings (account_id, mode, show_rooms) VALUES ($1, 'invisible', FALSE)`,
	"notification_settings.account_id": `INSERT INTO notification_settings (account_id, time_zone, quiet_from, quiet_to, daily_cap, private_content, kinds, day, pushed) VALUES ($1, 'UTC', 0, 0, 20, FALSE, '{}', 0, 0)`,
}

// There is always somebody with whom to do it.
var stage = []string{
	`INSERT INTO accounts (id, kind, created_at) VALUES ('a1', 'member', 0), ('m1', 'member', 0), ('z1', 'member', 0)`,
	`INSERT INTO rooms (id, category, title, language, host_id, seats, seq, created_at) VALUES ('r2', 'talk', 'Theirs', 'en', 'z1', 11, 2, 0)`,
	`INSERT INTO clubs (id, name, about, rules, category, language, entry, members_invite, created_at) VALUES ('k1', 'Jazz', '', '', 'music', 'en', 'open', FALSE, 0)`,
	`INSERT INTO club_invites (id, club_id, by_id, token_hash, created_at, expires_at, most) VALUES ('i2', 'k1', 'z1', 'h2', 0, 0, 1)`,
	`INSERT INTO events (id, host_id, title, about, category, shape, language, access, zone, wall, starts_at, minutes, weekly, state, created_at, updated_at) VALUES ('e0', 'z1', 'x', '', 'talk', 'lounge', 'en', 'open', 'UTC', '2026-01-01T00:00', 0, 60, FALSE, 'planned', 0, 0)`,
	`INSERT INTO replays (id, host_id, title, category, language, access, women_only, verified_only, state, began_at, keep_days) VALUES ('y0', 'z1', 'x', 'talk', 'en', 'open', FALSE, FALSE, 'recording', 0, 30)`,
	`INSERT INTO calls (id, kind, state, seq, created_at, cards, audio) VALUES ('c1', 'match', 'connecting', 1, 0, '[]', TRUE)`,
	`INSERT INTO sessions (id, account_id, token_hash, device, created_at, last_seen_at, expires_at) VALUES ('s0', 'z1', 't0', 'd', 0, 0, 0)`,
	`INSERT INTO moments (id, account_id, audience, text, audio_key, ms, at, expires_at) VALUES ('o0', 'z1', 'everyone', '', 'k0', 9, 0, 9)`,
	`INSERT INTO nodes (node, until) VALUES ('one', 0)`,
	`INSERT INTO happy_hours (id, title, starts_at, ends_at) VALUES ('h1', 'x', 0, 1)`,
}

// referring is every column that refers to accounts, as "table.column".
func referring(t *testing.T, d *db.DB) []string {
	t.Helper()
	query := `SELECT m.name || '.' || f."from" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f."table" = 'accounts'`
	if d.Engine == db.Postgres {
		query = `SELECT k.table_name || '.' || k.column_name FROM information_schema.referential_constraints r
			JOIN information_schema.key_column_usage k ON k.constraint_name = r.constraint_name AND k.constraint_schema = r.constraint_schema
			JOIN information_schema.constraint_table_usage u ON u.constraint_name = r.unique_constraint_name AND u.constraint_schema = r.unique_constraint_schema
			WHERE u.table_name = 'accounts'`
	}
	all, err := db.Select(ctx, d.DB, func(row interface{ Scan(...any) error }) (c string, err error) {
		err = row.Scan(&c)
		return c, err
	}, query)
	must(t, err)
	slices.Sort(all)
	return slices.Compact(all)
}

func TestNothingStandsInTheWayOfDeletingAnAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, s := range stage {
			_, err := d.Exec(s)
			must(t, err)
		}
		columns := referring(t, d)
		if len(columns) < 20 {
			t.Fatalf("only %v refer to accounts", columns)
		}
		for _, column := range columns {
			deed, known := deeds[column]
			if !known {
				t.Errorf("nobody has done what leaves a row in %s: add it to deeds", column)
				continue
			}
			args := []any{"m1", "z1"}
			if !strings.Contains(deed, "$2") {
				args = args[:1]
			}
			if _, err := d.Exec(deed, args...); err != nil {
				t.Errorf("%s: %v", column, err)
			}
		}
		for column := range deeds {
			if !slices.Contains(columns, column) {
				t.Errorf("%s does not refer to an account", column)
			}
		}
		must(t, d.Tx(ctx, func(tx *sql.Tx) error {
			gone, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM accounts WHERE id = 'm1'`))
			if err == nil && !gone {
				err = errors.New("nobody was deleted")
			}
			return err
		}))
		for _, column := range columns {
			table, name, _ := strings.Cut(column, ".")
			var left int
			must(t, d.QueryRow(`SELECT COUNT(*) FROM `+table+` WHERE `+name+` = 'm1'`).Scan(&left)) //nolint:gosec // names of the schema
			if left != 0 {
				t.Errorf("%d rows of them are left in %s", left, table)
			}
		}
	})
}
