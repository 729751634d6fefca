package notify

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/alerts"
)

// mailServer takes one message of each connection, and returns its address and what
// clients said. It refuses recipients at refused.example.
func mailServer(t *testing.T) (string, chan []string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	said := make(chan []string, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			said <- converse(conn)
		}
	}()
	return "smtp://" + listener.Addr().String() + "?tls=none", said
}

func converse(conn net.Conn) (lines []string) {
	defer conn.Close()
	answer := func(text string) { fmt.Fprint(conn, text+"\r\n") }
	answer("220 mail.example")
	scanner := bufio.NewScanner(conn)
	for inMessage := false; scanner.Scan(); {
		line := scanner.Text()
		lines = append(lines, line)
		switch {
		case inMessage:
			if line == "." {
				inMessage = false
				answer("250 taken")
			}
		case strings.HasPrefix(line, "QUIT"):
			answer("221 bye")
			return lines
		case strings.HasPrefix(line, "EHLO"):
			answer("250-mail.example")
			answer("250 AUTH CRAM-MD5")
		case strings.HasPrefix(line, "AUTH"):
			answer("334 PDFAbWFpbC5leGFtcGxlPg==")
			scanner.Scan()
			answer("535 wrong password of integr8@network.example")
		case strings.HasPrefix(line, "DATA"):
			inMessage = true
			answer("354 go on")
		case strings.Contains(line, "refused.example"):
			answer("550 no such mailbox <nobody@refused.example>")
		default:
			answer("250 ok")
		}
	}
	return lines
}

func TestANoticeReachesTheRecipientsOfItsAccount(t *testing.T) {
	t.Parallel()
	server, said := mailServer(t)
	sender, err := NewMail(server, "integr8@network.example", []string{"ops@network.example", "7=shop@north.example", " 8 = other@south.example "})
	require.NoError(t, err)
	require.True(t, sender.Reaches(9))
	require.NoError(t, sender.Send(t.Context(), notice("")))
	text := strings.Join(<-said, "\n")
	require.Contains(t, text, "RCPT TO:<ops@network.example>")
	require.Contains(t, text, "RCPT TO:<shop@north.example>")
	require.NotContains(t, text, "other@south.example")
	require.Contains(t, text, "Subject: integr8: offer 3 of account 7: few conversions")

	ended := notice("")
	ended.Event, ended.Alert.EndText, ended.AccountID = alerts.Ended, "usual again", 99
	require.NoError(t, sender.Send(t.Context(), ended))
	text = strings.Join(<-said, "\n")
	require.Contains(t, text, "Subject: integr8: ended: usual again")
	require.NotContains(t, text, "shop@north.example")

	own, err := NewMail(server, "integr8@network.example", []string{"7=shop@north.example"})
	require.NoError(t, err)
	require.False(t, own.Reaches(8))
}

// TestWhatAMailServerSaysIsNotRepeated: it has the addresses in it, which are kept out of
// the database and of logs.
func TestWhatAMailServerSaysIsNotRepeated(t *testing.T) {
	t.Parallel()
	server, said := mailServer(t)
	sender, err := NewMail(server, "integr8@network.example", []string{"nobody@refused.example"})
	require.NoError(t, err)
	err = sender.Send(t.Context(), notice(""))
	require.ErrorContains(t, err, "550")
	require.NotContains(t, err.Error(), "@")
	<-said

	sender, err = NewMail(strings.Replace(server, "smtp://", "smtp://integr8:s3cret@", 1), "integr8@network.example", []string{"ops@network.example"})
	require.NoError(t, err)
	err = sender.Send(t.Context(), notice(""))
	require.ErrorContains(t, err, "535")
	require.NotContains(t, err.Error(), "@")
	<-said

	for name, of := range map[string]struct {
		server, from string
		to           []string
	}{
		"no server":    {"", "a@b.example", []string{"a@b.example"}},
		"another":      {"https://s3cret@b.example", "a@b.example", []string{"a@b.example"}},
		"a port":       {"smtp://b.example:x", "a@b.example", []string{"a@b.example"}},
		"no sender":    {"smtp://b.example", "s3cret", []string{"a@b.example"}},
		"no recipient": {"smtp://b.example", "a@b.example", nil},
		"odd":          {"smtp://b.example", "a@b.example", []string{"s3cret"}},
		"no account":   {"smtp://b.example", "a@b.example", []string{"s3cret=a@b.example"}},
	} {
		_, err := NewMail(of.server, of.from, of.to)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "s3cret", name)
		require.NotContains(t, err.Error(), "@b", name)
	}
}
