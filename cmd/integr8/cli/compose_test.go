package cli

import (
	"bytes"
	"debug/elf"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"integr8/cmd/internal/build"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

// top is the top of the repository, seen from here.
const top = "../../.."

// Services of the compose file that run our own binary.
var (
	oneShots    = []string{"migrate", "topology"}
	longRunning = []string{"receive", "work"}
)

// secretsOf are the variables without which nothing may start.
var secretsOf = types.Mapping{
	"INTEGR8_SECRET":          "3f9a1c0e5b7d24688ace13579bdf0246",
	"INTEGR8_ADMIN_PASSWORD":  "adminpassword",
	"POSTGRES_ADMIN_PASSWORD": "superuserpassword",
	"POSTGRES_PASSWORD":       "postgrespassword",
	"RABBITMQ_PASSWORD":       "rabbitmqpassword",
}

// loadCompose loads the file as docker compose does, with these profiles. The loader adds
// variables of its own to the environment that it is given.
func loadCompose(t *testing.T, environment types.Mapping, profiles ...string) (*types.Project, error) {
	t.Helper()
	directory, err := filepath.Abs(top)
	require.NoError(t, err)
	return loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  directory,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(directory, "docker-compose.yml")}},
		Environment: maps.Clone(environment),
	}, func(o *loader.Options) { o.Profiles = profiles })
}

// composeProject returns the services of all profiles.
func composeProject(t *testing.T) *types.Project {
	t.Helper()
	project, err := loadCompose(t, secretsOf, "*")
	require.NoError(t, err)
	return project
}

func TestComposeStartsNothingWithoutSecrets(t *testing.T) {
	t.Parallel()
	for name := range secretsOf {
		environment := maps.Clone(secretsOf)
		delete(environment, name)
		_, err := loadCompose(t, environment)
		require.ErrorContains(t, err, name)
	}
}

func TestComposeAsksTheBinaryOnlyWhatItKnows(t *testing.T) {
	t.Parallel()
	project, binary := composeProject(t), buildAsInTheImage(t)
	overview := printedBy(t, binary, nil, "--help")
	for _, name := range slices.Concat(oneShots, longRunning) {
		service := project.Services[name]
		require.Len(t, service.Command, 1, name)
		command := service.Command[0]
		require.Regexp(t, `(?m)^  `+regexp.QuoteMeta(command)+` `, overview, "no such command")
		// A command's own help names the settings or says that this one does.
		help := overview + printedBy(t, binary, nil, command, "--help")

		var environment []string
		for variable, value := range service.Environment {
			require.NotNil(t, value, "%s takes %s from the machine of whoever starts it", name, variable)
			require.Regexp(t, `\$`+variable+`\b`, help, "%s does not know %s", command, variable)
			environment = append(environment, variable+"="+*value)
		}
		printedBy(t, binary, environment, "version") // which reads every setting
	}
	broken := exec.Command(binary, "version")
	broken.Env = []string{"INTEGR8_LOG_FORMAT=none of those"}
	require.Error(t, broken.Run(), "version must read the settings, or the check above says nothing")

	for _, name := range longRunning {
		test := project.Services[name].HealthCheck.Test
		require.Equal(t, types.HealthCheckTest{"CMD", "integr8", "healthcheck"}, test)
		require.Regexp(t, `(?m)^  healthcheck `, overview)
	}
}

func TestComposeGivesEachServiceItsOwnServers(t *testing.T) {
	t.Parallel()
	project := composeProject(t)
	for _, name := range slices.Concat(oneShots, longRunning) {
		environment := project.Services[name].Environment
		for variable, server := range map[string]string{"DATABASE_URL": "@postgres:5432/", "AMQP_URL": "@rabbitmq:5672/"} {
			require.NotNil(t, environment[variable], name)
			require.Contains(t, *environment[variable], server, name)
		}
	}
	for name, password := range map[string]string{"POSTGRES_PASSWORD": "DATABASE_URL", "RABBITMQ_PASSWORD": "AMQP_URL"} {
		require.Contains(t, *project.Services["work"].Environment[password], ":"+secretsOf[name]+"@")
	}
}

func TestComposeStartsInOrderAndNotBeforeServersAnswer(t *testing.T) {
	t.Parallel()
	project := composeProject(t)
	for name, server := range map[string]string{"migrate": "postgres", "topology": "rabbitmq"} {
		service := project.Services[name]
		require.Equal(t, types.ServiceConditionHealthy, service.DependsOn[server].Condition, name)
		require.Contains(t, []string{"", "no"}, service.Restart, "%s runs once", name)
		require.NotNil(t, project.Services[server].HealthCheck, server)
	}
	for _, name := range longRunning {
		for _, first := range oneShots {
			require.Equal(t, types.ServiceConditionCompletedSuccessfully, project.Services[name].DependsOn[first].Condition, name)
		}
	}
	for _, name := range slices.Concat(longRunning, []string{"postgres", "rabbitmq"}) {
		service := project.Services[name]
		require.Equal(t, "unless-stopped", service.Restart, name)
		require.NotNil(t, service.HealthCheck, name)
		require.NotEmpty(t, service.HealthCheck.Test, name)
	}
}

func TestComposeScalesWorkersAndPublishesOnTheLoopbackInterfaceOnly(t *testing.T) {
	t.Parallel()
	project := composeProject(t)
	for name, service := range project.Services {
		require.Empty(t, service.ContainerName, name)
		require.Empty(t, service.NetworkMode, name)
		for _, port := range service.Ports {
			require.Equal(t, "127.0.0.1", port.HostIP, name)
		}
	}
	require.Empty(t, project.Services["work"].Ports, "two workers cannot share a port")
	require.Empty(t, project.Services["work"].Volumes, "two workers must not share files")
	require.Empty(t, project.Services["postgres"].Ports)

	published := project.Services["receive"].Ports
	require.Len(t, published, 1)
	_, listens, err := net.SplitHostPort(*project.Services["receive"].Environment["INTEGR8_ADDR"])
	require.NoError(t, err)
	require.Equal(t, listens, fmt.Sprint(published[0].Target))
}

func TestComposeKeepsDataInVolumes(t *testing.T) {
	t.Parallel()
	project := composeProject(t)
	for name, target := range map[string]string{
		"postgres": "/var/lib/postgresql/data",
		"rabbitmq": "/var/lib/rabbitmq",
		"receive":  *project.Services["receive"].Environment["INTEGR8_SPOOL_DIR"],
	} {
		volumes := project.Services[name].Volumes
		require.Len(t, volumes, 1, name)
		require.Equal(t, types.VolumeTypeVolume, volumes[0].Type, name)
		require.Equal(t, target, volumes[0].Target, name)
		require.Contains(t, project.Volumes, volumes[0].Source, name)
	}
	require.NotEmpty(t, project.Services["rabbitmq"].Hostname, "a node finds its data by the name of its host")
}

func TestComposeBoundsMemoryAndDescriptors(t *testing.T) {
	t.Parallel()
	for name, service := range composeProject(t).Services {
		require.GreaterOrEqual(t, int64(service.MemLimit), int64(512<<20), name)
		require.NotNil(t, service.Ulimits["nofile"], name)
		require.Equal(t, 65536, service.Ulimits["nofile"].Single, name)
	}
}

func TestComposeLetsAProcessFinishItsWork(t *testing.T) {
	t.Parallel()
	project, binary := composeProject(t), buildAsInTheImage(t)
	for _, name := range longRunning {
		service := project.Services[name]
		found := regexp.MustCompile(`--shutdown-timeout=(\S+)`).FindStringSubmatch(printedBy(t, binary, nil, service.Command[0], "--help"))
		require.NotNil(t, found)
		needed, err := time.ParseDuration(found[1])
		require.NoError(t, err)
		require.NotNil(t, service.StopGracePeriod, name)
		require.Greater(t, time.Duration(*service.StopGracePeriod), needed, name)
	}
}

// pinned is the name of an image with a tag that begins with a version, or of
// one that has its version in its name.
var pinned = regexp.MustCompile(`^[a-z0-9./-]+:v?\d+(\.\d+)*(-[a-z0-9.-]+)?$|^gcr\.io/distroless/static-debian\d+:nonroot$`)

func TestImagesArePinned(t *testing.T) {
	t.Parallel()
	for name, service := range composeProject(t).Services {
		if service.Build == nil {
			require.Regexp(t, pinned, service.Image, name)
		}
	}
	instructions := dockerfile(t)
	require.NotEmpty(t, instructions["FROM"])
	for _, from := range instructions["FROM"] {
		from = strings.TrimPrefix(from, "--platform=$BUILDPLATFORM ")
		image, _, _ := strings.Cut(from, " ")
		require.Regexp(t, pinned, image)
	}
}

func TestComposeShipsAPairOfServersThatIsTested(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(top, "README.md"))
	require.NoError(t, err)
	project := composeProject(t)
	shipped := map[string]string{}
	for name, image := range map[string]string{"postgres": `^postgres:(\d+\.\d+)-alpine$`, "rabbitmq": `^rabbitmq:(\d+\.\d+\.\d+)-management-alpine$`} {
		found := regexp.MustCompile(image).FindStringSubmatch(project.Services[name].Image)
		require.NotNil(t, found, "%s names no exact version", project.Services[name].Image)
		shipped[name] = found[1]
	}
	tested := regexp.MustCompile(`(?m)^\| Debian \d+ \| (\S+) \| (\S+) \|`).FindAllStringSubmatch(string(readme), -1)
	require.Len(t, tested, 2, "README.md lists the pairs that are tested")
	require.True(t, slices.ContainsFunc(tested, func(pair []string) bool {
		return pair[1] == shipped["postgres"] && pair[2] == shipped["rabbitmq"]
	}), "docker-compose.yml ships %v, and README.md says that %v are tested", shipped, tested)
}

func TestImageIsBuiltFromSourceStaticAndWithoutRights(t *testing.T) {
	t.Parallel()
	project := composeProject(t)
	for _, name := range slices.Concat(oneShots, longRunning) {
		service := project.Services[name]
		require.NotNil(t, service.Build, name)
		require.FileExists(t, filepath.Join(service.Build.Context, service.Build.Dockerfile))
		require.Empty(t, service.User, "the image says who")
		require.True(t, service.ReadOnly, name)
		require.Equal(t, []string{"ALL"}, service.CapDrop, name)
	}

	instructions := dockerfile(t)
	require.Equal(t, []string{"65532:65532"}, instructions["USER"])
	require.Equal(t, []string{`["integr8"]`}, instructions["ENTRYPOINT"])
	module, err := os.ReadFile(filepath.Join(top, "go.mod"))
	require.NoError(t, err)
	language := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(module))
	require.NotNil(t, language)
	require.Regexp(t, `golang:`+regexp.QuoteMeta(language[1])+`\.\d+-`, instructions["FROM"][0], "the image must build with the module's Go, of an exact version")

	binary, err := elf.Open(buildAsInTheImage(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, binary.Close()) }()
	for _, segment := range binary.Progs {
		require.NotEqual(t, elf.PT_INTERP, segment.Type, "the binary asks for a dynamic linker")
	}
}

// dockerfile returns the arguments of a Dockerfile's instructions, by their
// names.
func dockerfile(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../Dockerfile")
	require.NoError(t, err)
	instructions := map[string][]string{}
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		line = strings.TrimSpace(line)
		if name, rest, ok := strings.Cut(line, " "); ok && name != "#" {
			instructions[name] = append(instructions[name], rest)
		}
	}
	return instructions
}

// buildAsInTheImage builds the binary with the settings of the Dockerfile.
func buildAsInTheImage(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "integr8")
	require.NoError(t, build.Program(t.Context(), path, "cmd/integr8", "-trimpath", "-ldflags=-s -w"))
	return path
}

// printedBy returns what the binary prints, with no other environment than the
// given one. It must succeed.
func printedBy(t *testing.T, binary string, environment []string, arguments ...string) string {
	t.Helper()
	command := exec.Command(binary, arguments...)
	command.Env = append([]string{"HOME=/"}, environment...)
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	require.NoError(t, command.Run(), "integr8 %s: %s", strings.Join(arguments, " "), &printed)
	return printed.String()
}
