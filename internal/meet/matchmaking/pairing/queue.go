package pairing

// event is a step of a search that is due when solver.delta reaches at.
type event struct {
	at     int64
	vertex int32 // an end of an edge, or None for a blossom
	index  int32 // the index of the edge in the adjacency of vertex, or the blossom
}

// queue is a binary heap of events, the earliest first. Unlike container/heap it
// allocates nothing for each one.
type queue []event

func (q *queue) push(h event) {
	*q = append(*q, h)
	list := *q
	i := len(list) - 1
	for i > 0 {
		up := (i - 1) / 2
		if list[up].at <= h.at {
			break
		}
		list[i] = list[up]
		i = up
	}
	list[i] = h
}

func (q *queue) pop() event {
	list := *q
	first, last := list[0], list[len(list)-1]
	list = list[:len(list)-1]
	*q = list
	i := 0
	for {
		down := 2*i + 1
		if down >= len(list) {
			break
		}
		if down+1 < len(list) && list[down+1].at < list[down].at {
			down++
		}
		if last.at <= list[down].at {
			break
		}
		list[i] = list[down]
		i = down
	}
	if len(list) > 0 {
		list[i] = last
	}
	return first
}
