using System.CommandLine;
using SearchEngine.Cli.Commands.Cluster;
using SearchEngine.Cli.Commands.Collections;
using SearchEngine.Cli.Commands.Documents;
using SearchEngine.Cli.Commands.Embed;
using SearchEngine.Cli.Commands.Import;
using SearchEngine.Cli.Commands.Ingest;
using SearchEngine.Cli.Commands.Models;
using SearchEngine.Cli.Commands.Search;
using SearchEngine.Cli.Commands.Serve;
using SearchEngine.Cli.Commands.Snapshots;
using SearchEngine.Cli.Output;

namespace SearchEngine.Cli.Arguments;

/// <summary>The command tree.</summary>
internal static class Syntax
{
    public static RootCommand Build(CliConsole console)
    {
        RootCommand root = new("Semantic and keyword search over your own files, on your own machine.")
        {
            IngestSyntax.Build(console),
            DocumentSyntax.Build(console),
            SearchSyntax.Build(console),
            SuggestSyntax.Build(console),
            EmbedSyntax.Build(console),
            CollectionSyntax.Build(console),
            ImportSyntax.Build(console),
            SnapshotSyntax.Build(console),
            ModelSyntax.Build(console),
            ClusterSyntax.Build(console),
            ServeSyntax.Build(),
            ServeSyntax.BuildMcp(),
            ServeSyntax.BuildKey(console),
        };
        foreach (var command in TrainingCommands.Build(console))
            root.Add(command);
        return root;
    }
}
