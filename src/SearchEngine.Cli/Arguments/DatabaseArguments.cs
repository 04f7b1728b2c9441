using System.CommandLine;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Arguments;

/// <summary>The option <c>--data</c>, of every command that opens a database, and <c>--read-only</c>, of those that only read it.</summary>
/// <param name="canReadOnly">Whether the command only reads.</param>
internal sealed class DatabaseArguments(bool canReadOnly = false)
{
    private readonly Option<string?> _data = new("--data")
    {
        Description = canReadOnly
            ? "The database's folder, or with --read-only a snapshot's (default: ./data)"
            : "The database's folder (default: ./data)",
        HelpName = "DIR",
    };

    private readonly Option<bool> _readOnly = new("--read-only")
    {
        Description = "Change nothing on the disk: for snapshots, copies and read-only disks",
    };

    public void AddTo(Command command)
    {
        command.Add(_data);
        if (canReadOnly)
            command.Add(_readOnly);
    }

    public DatabasePlan Resolve(ParseResult parsed, Settings settings)
    {
        var directory = parsed.GetValue(_data) ?? settings.Data;
        if (string.IsNullOrWhiteSpace(directory))
            throw new HostException("--data names no folder.");
        var database = settings.Database with { ReadOnly = settings.Database.ReadOnly || (canReadOnly && parsed.GetValue(_readOnly)) };
        // A folder that is named is meant, whatever the settings say.
        if (parsed.GetValue(_data) is not null)
            database = database with { Cluster = new ClusterSection() };
        return new DatabasePlan(
            Path.GetFullPath(directory),
            database.Cluster is { IsUsed: true } cluster ? cluster.DisplayName : directory,
            database
        );
    }
}
