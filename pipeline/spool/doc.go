// Package spool keeps hits on a local disk while the broker does not accept them, and
// publishes them, oldest first, when it does again.
//
// A Log is a queue of records on disk. An append returns when its record is on the
// disk, fsynced together with those of other callers. A Queue makes a hit durable: it
// publishes the hit to the broker, or appends it to the Log when the broker does not
// confirm in time.
//
// The package guarantees that a hit for which Put returned nil is with the broker or on
// disk, through a crash of the process or of the machine. It does not guarantee that a
// hit is published only once, nor that a damaged disk returns what was written to it;
// damage is reported and counted.
//
// # The format on disk
//
// A directory belongs to one process at a time. It holds segments: files of
// about 16 MiB, numbered in the order in which they were begun. A segment is removed
// when all its records are drained. It has a header, which also says how far it is
// drained, and records. Each record has a marker, a checksum of its header and another
// of its content. So a record that is torn by a crash or damaged by the disk costs
// only itself: the records before it are intact, and those behind it are found by
// their marker.
//
// The hits of each topic are a lane. Each lane is drained on its own: while the queue
// of one topic is full, the hits of the others are still drained. Each lane that is
// being drained has a file for its cursor. Without that file the lane is drained again
// from the position in the segment's header, up to which all lanes are drained.
//
// A sector that the disk cannot read is damage of the same kind, see patched: it
// costs the records that it covers. A segment with damage is drained as far as it can be
// read, and then kept under another name for an operator to inspect. Such files do
// not count against the bound.
//
// After a write or an fsync to a file has failed, the file is never written to again,
// because the kernel may have dropped the data that it could not write. Nor is a file
// written to again after a restart: the next append begins a new one.
//
// # Why the log is our own
//
// github.com/tidwall/wal, the best known log of this kind, is maintained. It has no
// checksums; it does not open again once its last entry is torn; and after a write that
// failed for lack of space it loses the next write, which it reports as written.
// testdata/tidwall has a test of each. github.com/hashicorp/raft-wal checks
// only the last batch, and of a torn batch it keeps nothing; after one failed write it
// accepts no entries until it is opened again, and it depends on Raft, a metrics library
// and a second database. The logs inside Prometheus and etcd are sound, but they are
// made for their own records, drop everything behind a damaged one, and have no stable
// interface. An embedded database such as go.etcd.io/bbolt maps its file into memory,
// where a failing disk ends the process instead of one append.
package spool
