// Package spool keeps hits on a local disk while the broker takes none, and
// hands them to the broker, oldest first, when it is back.
//
// A Log is the disk: an append returns when the hit is on it, fsynced together
// with those of other callers. A Queue is the way of a hit: to the broker, or
// into the Log when the broker does not confirm in time.
//
// # The format on disk
//
// A directory belongs to one process at a time. In it are segments, files of
// about 16 MiB that are numbered in the order in which they were begun, and
// each of which is removed when all in it is drained. A segment is a header,
// which also says how far it is drained, and records. Each record has a marker,
// a checksum over its header and another over its content. Hence a record that
// is torn by a crash, or damaged by the disk, costs that record alone: what is
// before it stands, and what is behind it is found again by its marker.
//
// The hits of each topic are a lane, which is drained by itself: while the queue
// of one topic is full, those of another go on. A file for each lane that is
// under way holds its cursor. Without it a lane is drained again from where the
// segment's header says that all lanes are drained.
//
// A sector that the disk cannot read is damage of the same kind, see patched: it
// costs what it covers. A segment with damage is drained as far as it can be
// read and then kept, under another name, for a person to look at. Such files do
// not count against the bound.
//
// A file is never written to again after a write or an fsync to it has failed,
// because the kernel may have dropped what it could not write, nor after a
// restart: the next append begins a new one.
//
// # Why the log is our own
//
// github.com/tidwall/wal, the best known of its kind and kept up, has no
// checksums; does not open any more once its last entry is torn; and after a
// write that failed for want of room loses what it reports as written next:
// testdata/tidwall holds a test of each. github.com/hashicorp/raft-wal checks
// only the last batch, and of a whole batch nothing survives that is torn; it
// takes no more entries after one failed write until it is opened anew, and
// brings Raft, a metrics library and a second database. The logs inside
// Prometheus and etcd are sound, but are made for their own records, give up
// everything behind a damaged one, and promise no stable interface. An embedded
// database such as go.etcd.io/bbolt maps its file into memory, where a failing
// disk ends the process instead of one append.
package spool
