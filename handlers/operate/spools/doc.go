// Package spools reads the directories in which receivers keep the hits that the broker
// did not take, and drains the directory of a receiver that no longer runs. The
// directories are on this machine.
package spools
