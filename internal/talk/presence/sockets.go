package presence

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

const (
	// Linger is how long somebody stays online after their last socket has gone.
	Linger = 30 * time.Second
	// nodeTTL is how long the people of a node count without a heartbeat.
	nodeTTL   = time.Minute
	heartbeat = nodeTTL / 3
	// batch is how many people one transaction or one look is about.
	batch = 200
)

// sockets counts the sockets of each person at this node, in memory.
type sockets struct {
	mu   sync.Mutex
	here map[account.ID]seat
	came map[account.ID]bool      // of here: without a row
	left map[account.ID]time.Time // of here: without a socket, since then
	beat time.Time                // when the next heartbeat is due
}

// seat is somebody with sockets or a row.
type seat struct {
	sockets int32
	row     bool
}

func newSockets() *sockets {
	return &sockets{here: map[account.ID]seat{}, came: map[account.ID]bool{}, left: map[account.ID]time.Time{}}
}

// Connected counts one more socket of who at this node. It never waits for the database.
func (s *Service) Connected(who account.ID) {
	k := s.sockets
	k.mu.Lock()
	defer k.mu.Unlock()
	x := k.here[who]
	x.sockets++
	k.here[who] = x
	delete(k.left, who)
	if !x.row {
		k.came[who] = true
	}
}

// Disconnected counts one socket less; each Connected has one.
func (s *Service) Disconnected(who account.ID) {
	k := s.sockets
	k.mu.Lock()
	defer k.mu.Unlock()
	x := k.here[who]
	x.sockets--
	k.here[who] = x
	if x.sockets == 0 {
		k.left[who] = s.cfg.Now()
	}
}

// due returns people who need a row, and people whose row is over; at most a batch of each.
func (k *sockets) due(now time.Time) (came, gone []account.ID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for who := range k.came {
		if len(came) == batch {
			break
		}
		came = append(came, who)
	}
	for who, since := range k.left {
		if len(gone) == batch {
			break
		}
		if now.Sub(since) >= Linger && k.here[who].row {
			gone = append(gone, who)
		}
	}
	return came, gone
}

// written notes what the rows say now. Somebody may have come back meanwhile.
func (k *sockets) written(came, gone []account.ID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, who := range came {
		x := k.here[who]
		x.row = true
		k.here[who] = x
		delete(k.came, who)
	}
	for _, who := range gone {
		x := k.here[who]
		if x.sockets == 0 {
			delete(k.here, who)
			delete(k.left, who)
			continue
		}
		x.row = false
		k.here[who] = x
		k.came[who] = true
	}
}

// lost notes that this node has no rows any more.
func (k *sockets) lost() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for who, x := range k.here {
		if x.row {
			x.row = false
			k.here[who] = x
			k.came[who] = true
		}
	}
}

// Begin removes what an earlier process with the name of this node left, and registers the
// node. Call it before the first socket.
func (s *Service) Begin(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "begin presence of node %s", s.cfg.Node)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM nodes WHERE node = $1`, s.cfg.Node); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO nodes (node, until) VALUES ($1, $2)`, s.cfg.Node, db.Millis(s.cfg.Now().Add(nodeTTL)))
		return err
	})
}

// keep renews the heartbeat of this node, and writes who came and who has gone.
func (s *Service) keep(ctx context.Context) error {
	if err := s.renew(ctx); err != nil {
		return err
	}
	for {
		came, gone := s.sockets.due(s.cfg.Now())
		if len(came)+len(gone) == 0 {
			return nil
		}
		if err := s.write(ctx, came, gone); err != nil {
			s.sockets.beat = time.Time{} // another node may have taken this one for dead
			return err
		}
		s.sockets.written(came, gone)
		for _, who := range append(came, gone...) {
			s.mark(who, false)
		}
	}
}

func (s *Service) renew(ctx context.Context) error {
	now := s.cfg.Now()
	if now.Before(s.sockets.beat) {
		return nil
	}
	known := false
	if err := s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		until := db.Millis(now.Add(nodeTTL))
		if known, err = db.Changed(tx.ExecContext(ctx, `UPDATE nodes SET until = $1 WHERE node = $2`, until, s.cfg.Node)); err != nil || known {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO nodes (node, until) VALUES ($1, $2)`, s.cfg.Node, until)
		return err
	}); err != nil {
		return err
	}
	if !known {
		s.sockets.lost()
	}
	s.sockets.beat = now.Add(heartbeat)
	return nil
}

func (s *Service) write(ctx context.Context, came, gone []account.ID) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, who := range came {
			if _, err := tx.ExecContext(ctx, `INSERT INTO online (account_id, node) SELECT a.id, $1 FROM accounts a WHERE a.id = $2
				ON CONFLICT (account_id, node) DO NOTHING`, s.cfg.Node, string(who)); err != nil {
				return err
			}
		}
		for _, who := range gone {
			if _, err := tx.ExecContext(ctx, `DELETE FROM online WHERE account_id = $1 AND node = $2`, string(who), s.cfg.Node); err != nil {
				return err
			}
		}
		return nil
	})
}
