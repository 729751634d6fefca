package operate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate"
)

func TestACommandInWordsIsAnActOnANounWithItsFields(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"offer 7 is paused: `integr8 offer edit 7 --status active`":           "offer 7 is paused: edit offer 7 with status active",
		"`integr8 token create --account 3 --offer 4 --for pixel`, then wait": "create token with account 3 and offer 4 and for pixel, then wait",
		"pay each once: `integr8 offer edit ID --unique-orders`":              "pay each once: edit offer ID with unique_orders",
		"or `--ignore-params NAME`":                                           "or ignore_params NAME",
		"`integr8 trace 0190aaaa-0000` shows it":                              "trace 0190aaaa-0000 shows it",
		"check that they run (`integr8 queues`), and go on":                   "check that they run (queues), and go on",
		"`integr8 queues resume postbacks` lets workers take it":              "resume queue postbacks lets workers take it",
		"see `integr8 dead list --status discarded`":                          "see list dead letters with status discarded",
		"`integr8 dead replay --silent`":                                      "replay dead letter with silent",
		"run `integr8 topology`, and `integr8 spool drain D`.":                "run `integr8 topology`, and `integr8 spool drain D`.",
		"nothing to do":  "nothing to do",
		"a `word` stays": "a `word` stays",
	} {
		require.Equal(t, want, operate.InWords(text))
	}
}
