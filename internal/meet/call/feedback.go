package call

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
)

// addFeedback adds what one side now says in private to the sums of the other's
// account, and subtracts what that side said before. After the calls are deleted,
// nobody knows who said it. Package discovery reads the sums; they are never
// shown.
func addFeedback(ctx context.Context, tx *sql.Tx, was, st *state) error {
	for i, x := range st.sides {
		before := was.sides[i].feedback
		if x.feedback == before || st.sides[1-i].gone {
			continue
		}
		news, err := feedbackCounts(x.feedback)
		olds, wrong := feedbackCounts(before)
		if err = errors.Join(err, wrong); err != nil {
			return err
		}
		more := make([]any, 0, 7)
		for n := range news {
			more = append(more, news[n]-olds[n])
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO regards (account_id, kind, unkind, on_topic, off_topic, safe, unsafe)
			SELECT id, $1, $2, $3, $4, $5, $6 FROM accounts WHERE id = $7
			ON CONFLICT (account_id) DO UPDATE SET kind = regards.kind + excluded.kind, unkind = regards.unkind + excluded.unkind,
				on_topic = regards.on_topic + excluded.on_topic, off_topic = regards.off_topic + excluded.off_topic,
				safe = regards.safe + excluded.safe, unsafe = regards.unsafe + excluded.unsafe`,
			append(more, string(x.other))...); err != nil {
			return err
		}
	}
	return nil
}

// feedbackCounts converts one feedback to counts in the order of the columns.
func feedbackCounts(feedback string) (n [6]int64, err error) {
	if feedback == "" {
		return n, nil
	}
	var f Feedback
	if err := json.Unmarshal([]byte(feedback), &f); err != nil {
		return n, err
	}
	for i, said := range []*bool{f.Kind, f.OnTopic, f.Safe} {
		switch {
		case said == nil:
		case *said:
			n[2*i] = 1
		default:
			n[2*i+1] = 1
		}
	}
	return n, nil
}
