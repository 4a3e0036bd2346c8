// Package region stores and shows the approximate location of people, and never the exact
// one.
//
// A person chooses a town. Stored is the S2 cell of level 10 (at least 5 km across) that
// contains the town; not the town, and never a coordinate. Others see the region: a coarser
// cell that at least 50 active people share and that no subtraction of cells can take apart
// (k-anonymity). A move is published late, at one of four moments of the day, together with
// those of others.
//
// It owns the tables regions, region_cells and region_growth, and the offline list of
// towns. docs/adr/0006-region.md gives the reasons for each step. Of other packages it reads:
//   - accounts: who was seen lately; only they count towards the 50
//   - clips: who has an intro; the same
package region
