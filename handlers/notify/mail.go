package notify

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"integr8/handlers/operate/alerts"
)

// Mail sends notices by e-mail. Addresses are settings: none is in the database, and none
// in an error.
type Mail struct {
	options    []mail.Option
	host       string
	from       string
	recipients recipients
}

// recipients are the addresses by account; 0 has those for all accounts.
type recipients map[int64][]string

// NewMail reads the address of a mail server, smtp://user:password@host:587 (with
// STARTTLS) or smtps://user:password@host:465, the sender's address, and the recipients:
// an address for all accounts, or ACCOUNT=ADDRESS. ?tls=none allows a server of smtp://
// that has no TLS. Its errors repeat none of these.
func NewMail(server, from string, to []string) (*Mail, error) {
	m := &Mail{from: from, recipients: recipients{}}
	parsed, err := url.Parse(server)
	if err != nil || parsed.Hostname() == "" || parsed.Scheme != "smtp" && parsed.Scheme != "smtps" {
		return nil, errors.New("the mail server cannot be read: it must look like smtp://user:password@host:587")
	}
	m.host = parsed.Hostname()
	m.options = append(m.options, mail.WithTimeout(smtpTime), securityOf(parsed))
	if text := parsed.Port(); text != "" {
		port, err := strconv.Atoi(text)
		if err != nil {
			return nil, errors.New("the port of the mail server is no number")
		}
		m.options = append(m.options, mail.WithPort(port))
	}
	if password, set := parsed.User.Password(); set {
		m.options = append(m.options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover),
			mail.WithUsername(parsed.User.Username()), mail.WithPassword(password))
	}
	if err := m.recipients.read(to); err != nil {
		return nil, err
	}
	if _, err := m.message(0, "check", []string{from}); err != nil {
		return nil, errors.New("the sender of e-mail is no address")
	}
	return m, nil
}

// smtpTime bounds a step of a conversation with the mail server.
const smtpTime = 5 * time.Second

func securityOf(server *url.URL) mail.Option {
	switch {
	case server.Scheme == "smtps":
		return mail.WithSSLPort(false)
	case server.Query().Get("tls") == "none":
		return mail.WithTLSPolicy(mail.NoTLS)
	default:
		return mail.WithTLSPortPolicy(mail.TLSMandatory)
	}
}

func (r recipients) read(to []string) error {
	for _, text := range to {
		account, address := int64(0), strings.TrimSpace(text)
		if before, after, of := strings.Cut(address, "="); of {
			number, err := strconv.ParseInt(strings.TrimSpace(before), 10, 64)
			if err != nil || number < 1 {
				return errors.New("a recipient of e-mail is ADDRESS, or ACCOUNT=ADDRESS with the number of an account")
			}
			account, address = number, strings.TrimSpace(after)
		}
		if err := mail.NewMsg().To(address); err != nil {
			return errors.New("a recipient of e-mail is no address")
		}
		r[account] = append(r[account], address)
	}
	if len(r) == 0 {
		return errors.New("e-mail has no recipient")
	}
	return nil
}

// Reaches reports whether somebody has the e-mail of an account.
func (m *Mail) Reaches(account int64) bool { return len(m.to(account)) > 0 }

func (m *Mail) to(account int64) []string {
	return append(append([]string{}, m.recipients[0]...), m.recipients[account]...)
}

// Send sends a notice to the recipients of its account.
func (m *Mail) Send(ctx context.Context, notice alerts.Notice) error {
	to := m.to(notice.AccountID)
	if len(to) == 0 {
		return nil // since the notice was written, settings have changed
	}
	message, err := m.message(notice.Alert.ID, notice.Line(), to)
	if err != nil {
		return err
	}
	client, err := mail.NewClient(m.host, m.options...)
	if err != nil {
		return fmt.Errorf("prepare for the mail server: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		return withoutWords(err)
	}
	return nil
}

func (m *Mail) message(alert int64, line string, to []string) (*mail.Msg, error) {
	message := mail.NewMsg()
	if err := errors.Join(message.From(m.from), message.Bcc(to...)); err != nil {
		return nil, errors.New("an address of the e-mail cannot be used")
	}
	message.Subject("integr8: " + line)
	message.SetBodyString(mail.TypeTextPlain, fmt.Sprintf("%s\n\nAlert %d. It is on the page Alerts of the console, and in `integr8 alert list`.\n", line, alert))
	return message, nil
}

// withoutWords removes what the mail server said, which repeats addresses, and leaves its
// code.
func withoutWords(err error) error {
	var refused *mail.SendError
	var said *textproto.Error
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("the mail server did not take the message: %s, code %d", refused.Reason, refused.ErrorCode())
	case errors.As(err, &said):
		return fmt.Errorf("the mail server did not let it in: code %d", said.Code)
	default:
		return fmt.Errorf("send e-mail: %w", withoutHosts(err))
	}
}
