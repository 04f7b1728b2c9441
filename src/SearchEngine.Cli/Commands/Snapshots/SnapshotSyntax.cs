using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Snapshots;

/// <summary><c>searchengine snapshot create|restore</c>.</summary>
internal static class SnapshotSyntax
{
    public static Command Build(CliConsole console) =>
        new("snapshot", "Copy a collection as it is, and put it back") { Create(console), Restore(console) };

    private static Command Create(CliConsole console)
    {
        var name = new Argument<string>("NAME") { Description = "The collection's name" };
        var folder = new Argument<string>("DIR") { Description = "The snapshot's folder; it must not exist yet" };
        var database = new DatabaseArguments();
        var command = new Command("create", "Copy a collection into a folder") { name, folder };
        database.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var plan = database.Resolve(parsed, SettingsLoader.Load());
                var target = parsed.GetRequiredValue(folder);
                await using var opened = await DatabaseSession.OpenExistingAsync(plan, null, cancellationToken);
                var collection = (
                    await DatabaseSession.OpenCollectionAsync(opened, plan, parsed.GetRequiredValue(name), cancellationToken)
                ).RequireLocal("A snapshot in a folder");
                await collection.CreateSnapshotAsync(target, new DiagnosticProgress(console), cancellationToken);
                console.Out.WriteLine(
                    $"snapshot of collection '{collection.Name}' ({Format.Count(collection.Count, "record")}) in {target}"
                );
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static Command Restore(CliConsole console)
    {
        var folder = new Argument<string>("DIR") { Description = "The snapshot's folder" };
        var database = new DatabaseArguments();
        var command = new Command("restore", "Take a snapshot in as a collection of its own name") { folder };
        database.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var plan = database.Resolve(parsed, SettingsLoader.Load());
                var source = parsed.GetRequiredValue(folder);
                if (!Directory.Exists(source))
                    throw new HostException($"There is no snapshot folder {source}.");
                await using var opened = await DatabaseSession.OpenAsync(plan, null, cancellationToken);
                var collection = await opened.RequireLocal("A snapshot in a folder").RestoreCollectionAsync(source, cancellationToken);
                console.Out.WriteLine($"collection '{collection.Name}' restored: {Format.Count(collection.Count, "record")}");
                return ExitCode.Success;
            }
        );
        return command;
    }
}
