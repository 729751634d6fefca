//go:build !linux

package main

import "syscall"

// ownGroup keeps a terminal's Ctrl-C from the process, which is stopped by the
// demo alone.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
