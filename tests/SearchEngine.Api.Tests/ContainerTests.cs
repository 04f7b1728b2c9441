using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SearchEngine.Hosting;
using SearchEngine.TestSupport;
using YamlDotNet.Serialization;
using Settings = SearchEngine.Hosting.Settings;

namespace SearchEngine.Api.Tests;

/// <summary>
/// Dockerfile and compose.yaml say nothing that the code does not: every path, project, port, setting and time in them is looked up. What they
/// build is what 'dotnet publish' makes; no container runtime is needed here.
/// </summary>
public sealed partial class ContainerTests
{
    private const string Prefix = "SEARCHENGINE_";

    private static readonly (string Word, string Value)[] Steps = ReadDockerfile();

    private static readonly Dictionary<string, object> Service = ReadService();

    [Fact]
    public void The_image_is_built_from_projects_and_files_that_are_there()
    {
        var publish = Steps.Single(step => step.Word == "RUN" && step.Value.Contains("dotnet publish", StringComparison.Ordinal)).Value;
        var project = Publish().Match(publish);
        Assert.True(project.Success, publish);
        var folder = Path.Combine(Repository.Root, project.Groups["project"].Value);
        var file = Assert.Single(Directory.GetFiles(folder, "*.csproj"));
        var assembly = XDocument.Load(file).Descendants("AssemblyName").FirstOrDefault()?.Value ?? Path.GetFileNameWithoutExtension(file);
        Assert.Equal($"[\"dotnet\", \"{assembly}.dll\"]", One("ENTRYPOINT"));
        Assert.Equal(typeof(ApiHost).Assembly.GetName().Name, assembly);

        // What the publish step wrote is what the second image takes, into the folder in which the program starts.
        var copy = Steps.Last(step => step.Word == "COPY").Value.Split(' ');
        Assert.Equal(["--from=build", project.Groups["out"].Value, "."], copy);
        Assert.Equal("/app", Steps.Last(step => step.Word == "WORKDIR").Value);

        // The runtime is that which the projects are built for, on the platform for which they are published.
        var framework = XDocument
            .Load(Path.Combine(Repository.Root, "Directory.Build.props"))
            .Descendants("TargetFramework")
            .Single()
            .Value;
        var images = Steps.Where(step => step.Word == "FROM").Select(step => step.Value).ToArray();
        Assert.Equal(2, images.Length);
        Assert.All(images, image => Assert.Matches($":{Regex.Escape(framework["net".Length..])}( AS build)?$", image));
        Assert.All(images, image => Assert.StartsWith("--platform=linux/amd64 ", image, StringComparison.Ordinal));
        Assert.Equal("linux-x64", project.Groups["platform"].Value);
        Assert.Equal("linux/amd64", Service["platform"]);
        // The build context leaves out what is built, and takes the model and the settings with it.
        var ignored = File.ReadAllLines(Path.Combine(Repository.Root, ".dockerignore"));
        Assert.Contains("**/bin", ignored);
        Assert.DoesNotContain(
            ignored,
            line => line.StartsWith("models", StringComparison.Ordinal) || line.Contains("appsettings", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Every_variable_is_a_setting_and_every_port_and_folder_the_same_throughout()
    {
        var variables = Variables();
        Assert.True(variables.Count >= 6, string.Join(", ", variables.Keys));
        foreach (var name in variables.Keys)
            AssertSetting(name);

        var port = One("EXPOSE");
        Assert.Equal(int.Parse(port, CultureInfo.InvariantCulture), new Uri(variables[Prefix + "API__URL"]).Port);
        // Published on the loopback address of the machine alone: who wants more says so.
        var published = Assert.Single(((List<object>)Service["ports"]).Cast<string>());
        Assert.Equal($"127.0.0.1:{port}:{port}", published);
        var volume = One("VOLUME");
        Assert.EndsWith(":" + volume, Assert.Single(((List<object>)Service["volumes"]).Cast<string>()), StringComparison.Ordinal);
        Assert.StartsWith(volume + "/", variables[Prefix + "DATA"], StringComparison.Ordinal);
        Assert.StartsWith(volume + "/", variables[Prefix + "API__SNAPSHOTS"], StringComparison.Ordinal);
        Assert.Contains("$APP_UID " + volume, Steps.Last(step => step.Word == "RUN").Value, StringComparison.Ordinal);
    }

    [Fact]
    public void It_gets_the_time_to_answer_what_it_accepted_and_starts_only_with_a_key()
    {
        var grace = int.Parse(((string)Service["stop_grace_period"]).TrimEnd('s'), CultureInfo.InvariantCulture);
        Assert.True(grace > new ApiSettings().DrainSeconds + 5, $"{grace} s of grace for a drain of {new ApiSettings().DrainSeconds} s");
        var environment = (Dictionary<object, object>)Service["environment"];
        Assert.Contains(":?", (string)environment[Prefix + "API__KEYS__0__HASH"], StringComparison.Ordinal);
        // The settings as the container has them are refused without the key and taken with it.
        var api = new ApiSettings { Url = Variables()[Prefix + "API__URL"] };
        Assert.Throws<HostException>(() => Security.ListeningAddress.RequireSafe(api.Url, Security.ApiKeyRing.Load(api), api));
        var keyed = api with
        {
            Keys =
            [
                new ApiKeySettings
                {
                    Name = (string)environment[Prefix + "API__KEYS__0__NAME"],
                    Access = (string)environment[Prefix + "API__KEYS__0__ACCESS"],
                    Hash = Security.ApiKeyRing.Make().Hash,
                },
            ],
        };
        Security.ListeningAddress.RequireSafe(keyed.Url, Security.ApiKeyRing.Load(keyed), keyed);
    }

    /// <summary>Follows a variable's name through the settings' members: SEARCHENGINE_API__KEYS__0__HASH is Api.Keys[0].Hash.</summary>
    private static void AssertSetting(string variable)
    {
        Assert.StartsWith(Prefix, variable, StringComparison.Ordinal);
        var type = typeof(Settings);
        foreach (var part in variable[Prefix.Length..].Split("__"))
        {
            if (type.IsGenericType && int.TryParse(part, CultureInfo.InvariantCulture, out _))
            {
                type = type.GetGenericArguments()[0];
                continue;
            }

            var member = type.GetProperty(part, BindingFlags.IgnoreCase | BindingFlags.Public | BindingFlags.Instance);
            Assert.True(member is not null, $"{variable}: the settings have no '{part}' in {type.Name}.");
            type = member.PropertyType;
        }
    }

    private static Dictionary<string, string> Variables()
    {
        var variables = Steps
            .Where(step => step.Word == "ENV")
            .SelectMany(step => step.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        foreach (var (name, value) in (Dictionary<object, object>)Service["environment"])
            variables.Add((string)name, (string)value);
        return variables;
    }

    private static string One(string word) => Steps.Single(step => step.Word == word).Value;

    private static (string Word, string Value)[] ReadDockerfile()
    {
        var lines = File.ReadAllText(Path.Combine(Repository.Root, "Dockerfile"))
            .ReplaceLineEndings("\n")
            .Replace("\\\n", " ", StringComparison.Ordinal);
        return
        [
            .. lines
                .Split('\n')
                .Where(line => line.Length > 0 && line[0] != '#')
                .Select(line => line.Split(' ', 2))
                .Select(parts => (parts[0], parts[1].Trim())),
        ];
    }

    private static Dictionary<string, object> ReadService()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "compose.yaml"));
        var compose = new DeserializerBuilder()
            .Build()
            .Deserialize<Dictionary<string, Dictionary<string, Dictionary<string, object>?>>>(text);
        var service = Assert.Single(compose["services"]).Value!;
        foreach (var volume in ((List<object>)service["volumes"]).Cast<string>())
            Assert.Contains(volume.Split(':')[0], compose["volumes"].Keys);
        return service;
    }

    [GeneratedRegex(
        "^dotnet publish -c Release -r (?<platform>[a-z0-9-]+) --self-contained false (?<project>[A-Za-z/.]+) -o (?<out>/[a-z]+)$"
    )]
    private static partial Regex Publish();
}
