package pairing

// happening is something that happens in a search when fallen reaches at.
type happening struct {
	at     int64
	vertex int32 // an end of an edge, or None for a blossom
	index  int32 // the place of the edge in the row of that end, or the blossom
}

// queue is a binary heap, the earliest first. Unlike container/heap it needs no
// memory for each one.
type queue []happening

func (q *queue) push(h happening) {
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

func (q *queue) pop() happening {
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
