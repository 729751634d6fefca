package cost

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
)

// listening is the state of a socket in /proc/net/tcp.
const listening = "0A"

// Listener finds the process that listens at a TCP address, given as a host
// and port of this machine; where several hold the socket, the one that the
// others descend from.
func Listener(address string) (Tree, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return Tree{}, fmt.Errorf("find who listens at %s: %w", address, err)
	}
	sockets, err := socketsAt(port)
	if err != nil {
		return Tree{}, fmt.Errorf("find who listens at %s: %w", address, err)
	}
	all, err := procfs.AllProcs()
	if err != nil {
		return Tree{}, fmt.Errorf("list processes: %w", err)
	}
	holders := map[int]int{} // to their parents
	for _, one := range all {
		if holds(one, sockets) {
			stat, err := one.Stat()
			if err == nil {
				holders[one.PID] = stat.PPID
			}
		}
	}
	for holder, parent := range holders {
		if _, inherited := holders[parent]; !inherited {
			return Tree{Root: holder}, nil
		}
	}
	return Tree{}, fmt.Errorf("nobody is seen to listen at %s: the servers must run on this machine, as this user or under root's eyes", address)
}

// holds reports whether one of a process's open files is one of the sockets.
func holds(one procfs.Proc, sockets map[string]bool) bool {
	targets, err := one.FileDescriptorTargets()
	if err != nil {
		return false // it has ended, or is none of our business
	}
	return slices.ContainsFunc(targets, func(target string) bool { return sockets[target] })
}

// socketsAt names the sockets that listen at a port, as they are shown among
// a process's open files.
func socketsAt(port string) (map[string]bool, error) {
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(table)
		if err != nil {
			continue // a kernel without IPv6
		}
		// Local address and port are the second field, in hex, the state is
		// the fourth and the inode the tenth: see proc_net_tcp(5).
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if len(fields) >= 10 && fields[3] == listening && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", number)) {
				found["socket:["+fields[9]+"]"] = true
			}
		}
	}
	return found, nil
}
