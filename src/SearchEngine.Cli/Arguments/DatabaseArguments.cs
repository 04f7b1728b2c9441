using System.CommandLine;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Arguments;

/// <summary>The option <c>--data</c>, of every command that opens a database.</summary>
internal sealed class DatabaseArguments
{
    private readonly Option<string?> _data = new("--data")
    {
        Description = "The database's folder (default: ./data)",
        HelpName = "DIR",
    };

    public void AddTo(Command command) => command.Add(_data);

    public DatabasePlan Resolve(ParseResult parsed, Settings settings)
    {
        var directory = parsed.GetValue(_data) ?? settings.Data;
        if (string.IsNullOrWhiteSpace(directory)) throw new HostException("--data names no folder.");
        return new DatabasePlan(Path.GetFullPath(directory), directory, settings.Database);
    }
}
