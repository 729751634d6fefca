package cli

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// asked is what the API answers to a key.
func (s *system) asked(web, path, key string) (status int, body string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+web+"/api/v1"+path, nil)
	require.NoError(s.t, err)
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := s.client.Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	return response.StatusCode, string(text)
}

// TestTheAPIIsServedByACommandOfItsOwnAndByUp: with a key that the command line made.
func TestTheAPIIsServedByACommandOfItsOwnAndByUp(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	code, stdout, stderr := s.command("key", "create", "--account", number(s.ID), "--name", "a test", "--json")
	require.Equal(t, exitOK, code, stderr)
	var made struct{ Key string }
	require.NoError(t, json.Unmarshal([]byte(stdout), &made))
	for _, command := range []string{"web", "up"} {
		web := s.start(command, "web")
		status, body := s.asked(web, "/offers/"+number(s.Offer), made.Key)
		require.Equal(t, http.StatusOK, status, body)
		// The JSON of a command and of the API are one.
		code, stdout, stderr = s.command("offer", "show", number(s.Offer), "--json")
		require.Equal(t, exitOK, code, stderr)
		if command == "web" { // both derive the base of links from their own settings
			require.JSONEq(t, stdout, body)
		}
		status, body = s.asked(web, "/queues", made.Key)
		require.Equal(t, http.StatusForbidden, status, body)
	}
	require.NotContains(t, s.logs.text(), made.Key)
}

func TestTheAPICanBeLeftOut(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_WEB_ADDR"] = "127.0.0.1:0"
	taken := s.start("web", "web")

	s.variables["INTEGR8_WEB_ADDR"] = taken
	code, _, stderr := s.command("up")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "integr8: INTEGR8_WEB_ADDR (--web-addr): "+taken+" is in use already\nhint: ")

	s.variables["INTEGR8_WEB_ADDR"] = "off"
	code, _, stderr = s.command("web")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "INTEGR8_WEB_ADDR is off\nhint: ")
	own, _ := s.launch("up")
	own.listening(t, "hits")
	require.NotContains(t, own.text(), `"for":"web"`)
}
