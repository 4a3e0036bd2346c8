// Package blobref tracks which blobs are referenced by rows, and deletes those that no row
// references: because the write was interrupted, the transaction rolled back, or the row
// was replaced or deleted.
//
// # Lifecycle
//
// Put registers the key in the table loose_blobs and writes the blob. Claim removes the
// registration in the transaction that writes the referencing row. Drop registers it again
// in the transaction that removes the reference. Sweep deletes blobs whose registration has
// expired.
//
// Package blobref owns the table loose_blobs and never reads the content of a blob.
package blobref
