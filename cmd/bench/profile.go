package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// profile takes CPU profiles of the processes of a trial while it counts, if
// that was asked for. One that cannot be had is told, and spoils nothing.
func (b *bench) profile(ctx context.Context, t trial, f *fleet, from time.Time) {
	if !b.options.Profile {
		return
	}
	for i, s := range append([]*service{f.receiver}, f.workers...) {
		if s.admin == "" {
			continue
		}
		name := fmt.Sprintf("%s-%s-%s-%d-%d-%s.pprof", t.part, t.contender.name, t.setting, t.round, i, s.name)
		name = strings.NewReplacer(" ", "-", ",", "", "--", "-", "%", "percent").Replace(name)
		go func() {
			if sleepUntil(ctx, from) != nil {
				return
			}
			if err := fetchProfile(ctx, s.admin, t.duration, filepath.Join(b.options.Out, name)); err != nil {
				b.say("no profile of the %s: %v", s.name, err)
			}
		}()
	}
}

func fetchProfile(ctx context.Context, admin string, length time.Duration, path string) error {
	// The admin address ends an answer after 30 s.
	seconds := max(1, min(20, int(length.Seconds())))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", admin, seconds), nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", response.Status)
	}
	return os.WriteFile(path, data, 0o644)
}
