package cli

import (
	"encoding/json"
	"fmt"
	"io"
)

// writeJSONList writes a JSON array element by element, so that a long one is
// never held in memory. The array is closed only when each succeeds: after an
// error what was written is not valid JSON and cannot be taken for the whole.
func writeJSONList(out io.Writer, each func(write func(any) error) error) error {
	separator := "["
	err := each(func(element any) error {
		text, err := json.MarshalIndent(element, "  ", "  ")
		if err != nil {
			return fmt.Errorf("encode JSON: %w", err)
		}
		if _, err := fmt.Fprintf(out, "%s\n  %s", separator, printableJSON(text)); err != nil {
			return fmt.Errorf("write JSON: %w", err)
		}
		separator = ","
		return nil
	})
	if err != nil {
		return err
	}
	end := "\n]\n"
	if separator == "[" {
		end = "[]\n"
	}
	if _, err := io.WriteString(out, end); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}
