package process

import "syscall"

// attributes prevent a terminal's Ctrl-C from reaching a process. Unless the process
// may outlive its parent, the kernel kills it together with its parent.
func attributes(outlives bool) *syscall.SysProcAttr {
	if outlives {
		return &syscall.SysProcAttr{Setsid: true}
	}
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
