package main

import "syscall"

// ownGroup keeps a terminal's Ctrl-C from the process, which is stopped by the
// demo alone, and ends it when the demo is killed.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
