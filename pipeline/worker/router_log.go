package worker

import (
	"log/slog"

	"github.com/ThreeDotsLabs/watermill"
)

// routerLogger returns a logger for the router. It drops debug lines, and logs the
// router's info lines at level debug.
func routerLogger(logger *slog.Logger) watermill.LoggerAdapter {
	return terse{watermill.NewSlogLoggerWithLevelMapping(logger, map[slog.Level]slog.Level{
		slog.LevelInfo: slog.LevelDebug,
	})}
}

// terse drops the lines about single messages before they are formatted.
type terse struct{ watermill.LoggerAdapter }

func (terse) Debug(string, watermill.LogFields) {}
func (terse) Trace(string, watermill.LogFields) {}

func (t terse) With(fields watermill.LogFields) watermill.LoggerAdapter {
	return terse{t.LoggerAdapter.With(fields)}
}
