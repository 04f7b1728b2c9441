using System.CommandLine;
using SearchEngine.Cli.Commands.Search;
using SearchEngine.Cli.Output;

namespace SearchEngine.Cli.Arguments;

/// <summary>The commands that search; in the whole program, all of them.</summary>
internal static class Syntax
{
    /// <summary>The first words of what this program answers itself.</summary>
    public static readonly string[] Names = ["search", "suggest"];

    public static RootCommand Build(CliConsole console) =>
        new("Semantic and keyword search over your own files, on your own machine.")
        {
            SearchSyntax.Build(console),
            SuggestSyntax.Build(console),
        };
}
