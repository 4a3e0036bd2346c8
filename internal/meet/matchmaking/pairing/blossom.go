package pairing

import "slices"

// blossom is an odd cycle of nodes. The base is in children[0], so the children
// 1 and 2, 3 and 4 and so on are matched to each other.
type blossom struct {
	children []int32
	links    []link // links[i] joins children[i] and the one after it
	set      int32  // the set of the largest child, see top
	size     int32  // number of vertices
}

// link is a tight edge between two children.
type link struct{ a, b int32 }

// leaves returns the vertices of a node. The result is valid until the next call.
func (s *solver) leaves(node int32) []int32 {
	s.scratch = s.appendLeaves(s.scratch[:0], node)
	return s.scratch
}

func (s *solver) appendLeaves(list []int32, node int32) []int32 {
	if node < s.n {
		return append(list, node)
	}
	for _, child := range s.blossoms[node-s.n].children {
		list = s.appendLeaves(list, child)
	}
	return list
}

// parentOuter returns the outer node two steps nearer to the root, and the inner
// node between; or None for the root.
func (s *solver) parentOuter(node int32) (in, out int32) {
	m := s.nodes[s.nodes[node].base].mate
	if m == None {
		return None, None
	}
	in = s.top(m)
	return in, s.top(s.from[in])
}

// commonAncestor returns the node where the paths from two outer nodes to the
// root meet. It follows both at once, so it takes no longer than the cycle or the
// shorter path.
func (s *solver) commonAncestor(a, b int32) int32 {
	s.walk++
	for {
		if a == None {
			a, b = b, a
		}
		if s.visitedBy[a] == s.walk {
			return a
		}
		s.visitedBy[a] = s.walk
		_, a = s.parentOuter(a)
		a, b = b, a
	}
}

// shrink makes a blossom of the cycle that the tight edge ab, between outer
// vertices, closes in the tree.
func (s *solver) shrink(a, b int32) {
	meet := s.commonAncestor(s.top(a), s.top(b))
	var c blossom
	// From a up to the common ancestor, then reversed: down to a.
	for node := s.top(a); node != meet; {
		in, out := s.parentOuter(node)
		c.children = append(c.children, node, in)
		c.links = append(c.links, link{s.nodes[s.nodes[node].base].mate, s.nodes[node].base}, link{s.from[in], s.to[in]})
		node = out
	}
	c.children = append(c.children, meet)
	slices.Reverse(c.children)
	slices.Reverse(c.links)
	c.links = append(c.links, link{a, b})
	for node := s.top(b); node != meet; {
		in, out := s.parentOuter(node)
		c.children = append(c.children, node, in)
		c.links = append(c.links, link{s.nodes[node].base, s.nodes[s.nodes[node].base].mate}, link{s.to[in], s.from[in]})
		node = out
	}

	node := s.newBlossom(c, s.nodes[meet].base)
	s.nodes[node].label = outer
	s.touched = append(s.touched, node)
	s.setSlope(node, 2)
	var fresh []int32
	for _, child := range c.children {
		s.nodes[child].parent = node
		if child >= s.n {
			s.setSlope(child, 0)
		}
		if s.nodes[child].label == inner {
			for _, v := range s.leaves(child) {
				s.setSlope(v, -1)
				fresh = append(fresh, v)
			}
		}
	}
	for _, v := range fresh {
		s.scan(v)
	}
}

func (s *solver) newBlossom(c blossom, base int32) (node int32) {
	if k := len(s.unused); k > 0 {
		node = s.unused[k-1]
		s.unused = s.unused[:k-1]
		s.nodes[node].base = base
	} else {
		node = s.n + int32(len(s.blossoms))
		s.blossoms = append(s.blossoms, blossom{})
		s.newNode(base)
	}
	most := int32(0)
	for _, child := range c.children {
		set, size := s.setOf(child)
		c.size += size
		if size > most {
			most, c.set = size, set
		}
	}
	s.blossoms[node-s.n] = c
	for _, child := range c.children {
		if set, _ := s.setOf(child); set != c.set {
			s.assignSet(child, c.set)
		}
	}
	s.nodes[c.set].holder = node
	return node
}

// setOf returns the set of a node and its number of vertices.
func (s *solver) setOf(node int32) (set, size int32) {
	if node < s.n {
		return node, 1
	}
	b := &s.blossoms[node-s.n]
	return b.set, b.size
}

func (s *solver) assignSet(node, set int32) {
	for _, v := range s.leaves(node) {
		s.nodes[v].set = set
	}
}

// dissolveOne removes a blossom. Its children become top nodes outside the tree.
func (s *solver) dissolveOne(node int32) (children []int32) {
	b := s.blossoms[node-s.n]
	for _, child := range b.children {
		s.nodes[child].parent = None
		s.nodes[child].label = outside
		set, _ := s.setOf(child)
		if set != b.set {
			s.assignSet(child, set)
		}
		s.nodes[set].holder = child
	}
	s.blossoms[node-s.n] = blossom{}
	s.nodes[node].price, s.nodes[node].slope = 0, 0
	s.nodes[node].label = outside
	s.unused = append(s.unused, node)
	return b.children
}

// childWith returns the index of the child that contains vertex v.
func (s *solver) childWith(node, v int32) int {
	for s.nodes[v].parent != node {
		v = s.nodes[v].parent
	}
	return slices.Index(s.blossoms[node-s.n].children, v)
}

// rebase makes v the base of a node, the vertex that is not matched within it:
// between the child of v and that of the old base, on the side with an even
// number of children, matched and unmatched edges are swapped.
func (s *solver) rebase(node, v int32) {
	if s.nodes[node].base == v {
		return
	}
	c := &s.blossoms[node-s.n]
	k, i := len(c.children), s.childWith(node, v)
	pair := func(j int) { // children j and j+1 are matched to each other now
		l, next := c.links[j], (j+1)%k
		s.rebase(c.children[j], l.a)
		s.rebase(c.children[next], l.b)
		s.nodes[l.a].mate, s.nodes[l.b].mate = l.b, l.a
	}
	if i%2 == 0 {
		for j := 0; j < i; j += 2 {
			pair(j)
		}
	} else {
		for j := i + 1; j < k; j += 2 {
			pair(j)
		}
	}
	s.rebase(c.children[i], v)
	c.children = append(c.children[i:len(c.children):len(c.children)], c.children[:i]...)
	c.links = append(c.links[i:len(c.links):len(c.links)], c.links[:i]...)
	s.nodes[node].base = v
}

// expandInner expands an inner blossom whose price has reached 0. The tree enters
// it at one child and leaves it by the base of another. The path between them
// with an even number of steps stays in the tree, inner and outer alternately;
// the other children are matched among themselves and leave the tree.
func (s *solver) expandInner(node int32) {
	c := s.blossoms[node-s.n]
	from, to := s.from[node], s.to[node]
	k, i := len(c.children), s.childWith(node, to)
	s.dissolveOne(node)

	step := 1 // from the child i towards child 0
	if i%2 == 0 {
		step = k - 1
	}
	stays := make([]bool, k)
	var outers []int32
	for {
		child := c.children[i]
		stays[i] = true
		s.from[child], s.to[child] = from, to
		s.labelInner(child)
		if i == 0 {
			break
		}
		// The next child is the mate, outer; the one after it is inner.
		i = (i + step) % k
		stays[i] = true
		outers = append(outers, c.children[i])
		after := (i + step) % k
		if step == 1 {
			from, to = c.links[i].a, c.links[i].b
		} else {
			from, to = c.links[after].b, c.links[after].a
		}
		i = after
	}
	for _, child := range outers {
		s.makeOuter(child)
	}
	for j, child := range c.children {
		if stays[j] {
			continue
		}
		leaves := s.leaves(child)
		s.effort += len(leaves)
		for _, v := range leaves {
			s.setSlope(v, 0)
		}
		for _, v := range leaves {
			s.reachFromTree(v)
		}
	}
}

// reachFromTree queues events for the edges between outer vertices and v, which
// has left the tree.
func (s *solver) reachFromTree(v int32) {
	s.effort += len(s.adjacency[v])
	for i, h := range s.adjacency[v] {
		if s.nodes[s.top(h.to)].label == outer {
			s.push(s.delta+s.slack(v, h.to, h.weight), v, int32(i))
		}
	}
}
