package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"integr8/pipeline/spool"
)

// spoolDirectory is a receiver's directory with what waits in it.
type spoolDirectory struct {
	Dir string
	spool.Content
}

// spoolHits returns the directory of hits in what a person may name: that
// directory itself, or the receiver's that it lies in.
func spoolHits(dir string) string {
	if inner := filepath.Join(dir, spooledHits); filepath.Base(dir) != spooledHits && isDirectory(inner) {
		return inner
	}
	return dir
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// otherSpools finds the directories around a receiver's own, and beside the
// default one, in which hits may wait: those of receivers that had another
// address or another setting. A setting may also have moved by one level: into the
// old directory, or to the one above it.
func (a *app) otherSpools(own string) []string {
	parents := []string{filepath.Dir(own), own}
	if standard, err := a.defaultSpoolDir(); err == nil {
		parents = append(parents, filepath.Dir(standard))
	}
	var found []string
	add := func(dir string) {
		if dir != own && !slices.Contains(found, dir) && spool.Waits(filepath.Join(dir, spooledHits)) {
			found = append(found, dir)
		}
	}
	for _, parent := range parents {
		add(parent)
		entries, err := os.ReadDir(parent)
		if err != nil {
			continue // it may not be there, or be none of ours
		}
		for _, entry := range entries {
			add(filepath.Join(parent, entry.Name()))
		}
	}
	return found
}

// orphanedSpools reads the directories that no process holds and in which hits
// wait.
func (a *app) orphanedSpools(own string) ([]spoolDirectory, error) {
	var orphans []spoolDirectory
	var errs []error
	for _, dir := range a.otherSpools(own) {
		content, err := spool.Inspect(filepath.Join(dir, spooledHits))
		if err != nil {
			errs = append(errs, err)
		} else if !content.Held && content.Waiting() > 0 {
			orphans = append(orphans, spoolDirectory{dir, content})
		}
	}
	return orphans, errors.Join(errs...)
}

// warnOfOrphans logs where hits wait that no process drains.
func (p *process) warnOfOrphans(app *app, own string) {
	orphans, err := app.orphanedSpools(own)
	if err != nil {
		p.logger.Warn("a directory beside the spool cannot be read", "error", err)
	}
	for _, orphan := range orphans {
		p.logger.Warn("hits wait in the spool of a receiver that does not run", "dir", orphan.Dir, "hits", orphan.Waiting(),
			"oldest", orphan.Oldest, "hint", drainHint(orphan.Dir))
	}
}

func drainHint(dir string) string {
	return fmt.Sprintf("integr8 spool drain %s", quotePath(dir))
}

// quotePath makes a path fit to be pasted into a shell.
func quotePath(path string) string {
	if strings.IndexFunc(path, func(r rune) bool {
		return !strings.ContainsRune("/._-", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// spools looks where hits wait on this machine.
func (e *examination) spools() {
	own, err := e.app.spoolDir()
	if err != nil { // this machine may run no receiver
		e.note("spool", "not looked at: spool directories of this machine, because "+oneLine(err), "set INTEGR8_SPOOL_DIR where a receiver runs here")
		return
	}
	orphans, err := e.app.orphanedSpools(own)
	if err != nil {
		e.failed("spool", err)
	}
	content, err := spool.Inspect(filepath.Join(own, spooledHits))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		e.failed("spool", err)
	case !content.Held && content.Waiting() > 0:
		orphans = append(orphans, spoolDirectory{own, content})
	case content.Aside.Files > 0:
		e.warn("spool", party{}, fmt.Sprintf("%s holds %d files that could not be drained whole, %d bytes", own, content.Aside.Files, content.Aside.Bytes),
			"look at the log for what was damaged, keep a copy if its hits matter, and remove the files that end in .damaged")
	}
	var all []example
	for _, orphan := range orphans {
		all = append(all, example{What: fmt.Sprintf("%d hits wait in %s, the oldest since %s, and no receiver has it open: %s",
			orphan.Waiting(), orphan.Dir, clock(orphan.Oldest), drainHint(orphan.Dir))})
	}
	e.several(levelWarning, "spool", "spool directories hold hits, and no receiver has them open",
		"start the receiver of that directory again, or: integr8 spool drain DIR", all, 0)
}
