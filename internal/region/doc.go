// Package region says roughly where somebody is, and never where.
//
// A person chooses a town. What is kept is the S2 cell of level 10 that the
// town lies in, at least 5 km across; not the town, and never a coordinate. What
// others see is coarser still: the region, a cell that at least 50 active
// people share and that no sum over other cells can take apart. A move shows
// late, at one of four moments of the day, together with everybody else's.
//
// It owns the tables regions, region_cells and region_growth, and the offline
// list of towns. It knows no names of people. See docs/adr/0006-region.md for
// why each step is as coarse as it is.
package region
