package console

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFilesOfOthersAreThoseThatTheNoticeLists(t *testing.T) {
	t.Parallel()
	notice, err := staticFiles.ReadFile("static/vendor/NOTICE")
	require.NoError(t, err)
	listed := map[string]bool{"NOTICE": true}
	for line := range strings.Lines(string(notice)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Fields(line)
		require.Len(t, parts, 5, line)
		text, err := staticFiles.ReadFile("static/vendor/" + parts[0])
		require.NoError(t, err)
		sum := sha256.Sum256(text)
		require.Equal(t, parts[4], hex.EncodeToString(sum[:]), parts[0])
		listed[parts[0]] = true
	}
	found, err := fs.ReadDir(staticFiles, "static/vendor")
	require.NoError(t, err)
	require.Len(t, found, len(listed))
}
