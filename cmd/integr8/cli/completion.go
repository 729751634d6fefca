package cli

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// completeWord is the first argument with which a shell asks what can come next.
// It is no command: settings that are wrong must not get in its way.
const completeWord = "__complete"

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help says how the script is used.
func (c *completionCommand) Help() string {
	return `Put one of these into the start file of your shell:

    source <(integr8 completion bash)    # ~/.bashrc
    source <(integr8 completion zsh)     # ~/.zshrc, after compinit
    integr8 completion fish | source     # ~/.config/fish/config.fish`
}

// completionScripts let each shell ask the program itself, so that they fit every
// version of it. Of each line that it prints, the text up to a tab is the word.
var completionScripts = map[string]string{
	"bash": `_integr8() {
    local IFS=$'\n'
    COMPREPLY=($("$1" ` + completeWord + ` "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o bashdefault -o default -F _integr8 integr8
`,
	"zsh": `#compdef integr8
_integr8() {
    local -a candidates
    candidates=("${(@f)$("${words[1]}" ` + completeWord + ` "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    candidates=("${(@)candidates//:/\\:}")
    candidates=("${(@)candidates/$'\t'/:}")
    _describe integr8 candidates || _files
}
compdef _integr8 integr8
`,
	"fish": `function __integr8_complete
    set -l words (commandline -opc)
    integr8 ` + completeWord + ` $words[2..] (commandline -ct) 2>/dev/null
end
complete -c integr8 -f -a '(__integr8_complete)'
`,
}

// Run prints the script of a shell.
func (c *completionCommand) Run(inv *invocation) error {
	if _, err := io.WriteString(inv.stdout, completionScripts[c.Shell]); err != nil {
		return fmt.Errorf("write the script: %w", err)
	}
	return nil
}

// candidate is a word that can come next, and what it means.
type candidate struct{ word, meaning string }

// complete prints the candidates for the last of the words, one a line.
func complete(out io.Writer, app *kong.Node, words []string) error {
	for _, c := range candidates(app, words) {
		if _, err := fmt.Fprintf(out, "%s\t%s\n", c.word, c.meaning); err != nil {
			return fmt.Errorf("write the candidates: %w", err)
		}
	}
	return nil
}

// candidates finds what can stand for the last word, which may be empty or begun.
func candidates(node *kong.Node, words []string) []candidate {
	if len(words) == 0 {
		words = []string{""}
	}
	var open *kong.Flag // a flag that waits for its value
	for _, word := range words[:len(words)-1] {
		switch {
		case word == "=": // bash makes three words of --kind=click
		case strings.HasPrefix(word, "--"):
			open = nil
			if name, _, valued := strings.Cut(word[2:], "="); !valued {
				open = valueFlag(node, name)
			}
		case open != nil:
			open = nil
		default:
			node = childOf(node, word)
		}
		if node == nil {
			return nil
		}
	}
	begun := words[len(words)-1]
	if begun == "=" {
		begun = ""
	}
	name, _, valued := strings.Cut(strings.TrimPrefix(begun, "--"), "=")
	var all []candidate
	switch {
	case open != nil:
		all = valuesOf(open.Value, "")
	case strings.HasPrefix(begun, "--") && valued:
		if flag := valueFlag(node, name); flag != nil {
			all = valuesOf(flag.Value, "--"+name+"=")
		}
	case strings.HasPrefix(begun, "-"):
		all = flagsOf(node)
	default:
		all = commandsOf(node)
	}
	return slices.DeleteFunc(all, func(c candidate) bool { return !strings.HasPrefix(c.word, begun) })
}

// childOf returns the command that a word names. Words of a command that takes
// arguments are those; where it takes none, nothing can follow: nil.
func childOf(node *kong.Node, word string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == word {
			return child
		}
	}
	if len(node.Positional) > 0 {
		return node
	}
	return nil
}

// valueFlag returns the flag of that name if it takes a value.
func valueFlag(node *kong.Node, name string) *kong.Flag {
	for _, group := range node.AllFlags(false) {
		for _, flag := range group {
			if flag.Name == name && !flag.IsBool() {
				return flag
			}
		}
	}
	return nil
}

// flagsOf lists the flags that the help of a command lists.
func flagsOf(node *kong.Node) []candidate {
	var all []candidate
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			if isSetting(flag) && !takesSettings(node) {
				continue
			}
			all = append(all, candidate{"--" + flag.Name, firstSentence(flag.Help)})
			if flag.Negated || flag.Tag.Negatable != "" {
				all = append(all, candidate{"--no-" + flag.Name, firstSentence(flag.Help)})
			}
		}
	}
	return all
}

func commandsOf(node *kong.Node) []candidate {
	var all []candidate
	for _, child := range node.Children {
		if !child.Hidden {
			all = append(all, candidate{child.Name, firstSentence(child.Help)})
		}
	}
	for _, argument := range node.Positional {
		all = append(all, valuesOf(argument, "")...)
	}
	return all
}

// choosable is a type that has few values without being a kong enum.
type choosable interface{ choices() []string }

// valuesOf lists the values of a flag or an argument that has few.
func valuesOf(value *kong.Value, prefix string) []candidate {
	var all []candidate
	words := value.EnumSlice()
	if target := value.Target; target.CanInterface() {
		if choosing, ok := target.Interface().(choosable); ok {
			words = choosing.choices()
		}
	}
	if value.IsBool() || value.Target.Kind() == reflect.Bool {
		words = []string{"true", "false"}
	}
	for _, word := range words {
		if word != "" {
			all = append(all, candidate{prefix + word, ""})
		}
	}
	return all
}

func firstSentence(text string) string {
	sentence, _, _ := strings.Cut(text, ". ")
	return strings.TrimSuffix(sentence, ".")
}
