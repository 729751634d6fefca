package doctor

import (
	"errors"
	"fmt"
	"io/fs"

	"integr8/handlers/operate"
	"integr8/pipeline/spool"
)

// Spools names the directories in which receivers of this machine keep hits.
type Spools struct {
	// Own is the INTEGR8_SPOOL_DIR of the settings.
	Own string
	// Near are directories that may hold those of other receivers, besides the one that
	// holds Own. They may be missing.
	Near []string
}

// spools looks for hits that wait on this machine.
func (e *examination) spools(of Spools) {
	orphans, err := spool.Orphans(spool.HomesAround(of.Own, of.Near...))
	if err != nil {
		e.failed("spool", err)
	}
	content, err := spool.Inspect(spool.HitsIn(of.Own))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		e.failed("spool", err)
	case !content.Held && content.Waiting() > 0:
		orphans = append(orphans, spool.Orphan{Home: of.Own, Content: content})
	case content.Aside.Files > 0:
		e.warn("spool", Party{}, fmt.Sprintf("%s holds %s that could not be drained whole, %s", of.Own, operate.Counted(content.Aside.Files, "file"), operate.Counted(content.Aside.Bytes, "byte")),
			"the receiver's log says what was damaged; copy the files that end in .damaged if their hits matter, and then remove them")
	}
	var all []Example
	for _, orphan := range orphans {
		all = append(all, Example{What: fmt.Sprintf("%s in %s, the oldest since %s, and no receiver has it open: %s",
			operate.Count(orphan.Waiting(), "hit", "waits", "wait"), orphan.Home, operate.Clock(orphan.Oldest), operate.DrainHint(orphan.Home))})
	}
	e.several(Warning, "spool", "spool directories hold hits, and no receiver has them open",
		"start the receiver of that directory again, or: `integr8 spool drain DIR`", all, 0)
}
