package system

import "runtime"

// lockThread ties the goroutine to its thread for as long as it runs. The
// kernel ends a child with Pdeathsig when the thread that started it ends,
// and the runtime ends threads as it likes unless a goroutine holds them.
func lockThread() { runtime.LockOSThread() }
