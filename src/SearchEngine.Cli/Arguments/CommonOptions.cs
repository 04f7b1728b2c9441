using System.CommandLine;

namespace SearchEngine.Cli.Arguments;

/// <summary>Options that several commands take, told once.</summary>
internal static class CommonOptions
{
    public static Option<string?> Collection() =>
        new("--collection") { Description = "The collection's name (default: default)", HelpName = "NAME" };

    public static Option<bool> Json() => new("--json") { Description = "Write one JSON document to stdout" };
}
