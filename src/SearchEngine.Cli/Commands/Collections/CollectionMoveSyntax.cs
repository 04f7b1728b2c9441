using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary><c>searchengine collection move NAME --to cluster|local</c>.</summary>
internal static class CollectionMoveSyntax
{
    private const string Cluster = "cluster";
    private const string Local = "local";

    public static Command Build(CliConsole console)
    {
        var collection = new Argument<string>("NAME") { Description = "The collection's name" };
        var to = new Option<string>("--to")
        {
            Description = "Where to: the cluster of the settings (Database:Cluster), or the folder of this machine",
            HelpName = $"{Cluster}|{Local}",
            Required = true,
        };
        to.AcceptOnlyFromAmong(Cluster, Local);
        var remove = new Option<bool>("--remove") { Description = "Delete it where it was, once both hold the same" };
        var data = new Option<string?>("--data") { Description = "The folder of this machine (default: ./data)", HelpName = "DIR" };
        var json = CommonOptions.Json();
        var command = new Command("move", "Copy a collection between the folder and the cluster, and compare the contents")
        {
            collection,
            to,
            remove,
            data,
            json,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var settings = SettingsLoader.Load();
                var cluster = settings.Database.RequireCluster();
                var folder = parsed.GetValue(data) ?? settings.Data;
                var here = new DatabasePlan(Path.GetFullPath(folder), folder, settings.Database with { Cluster = new ClusterSection() });
                var there = new DatabasePlan(Path.GetFullPath(folder), cluster.DisplayName, settings.Database);
                var isToCluster = parsed.GetRequiredValue(to) == Cluster;
                return new CollectionMoveCommand(console).RunAsync(
                    new CollectionMovePlan(
                        parsed.GetRequiredValue(collection),
                        isToCluster ? here : there,
                        isToCluster ? there : here,
                        parsed.GetValue(remove),
                        parsed.GetValue(json)
                    ),
                    cancellationToken
                );
            }
        );
        return command;
    }
}
