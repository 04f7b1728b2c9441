using System.CommandLine;

namespace SearchEngine.Workloads.Connector;

/// <summary>The command "connector": what the Semantic Kernel connector costs over the engine's own API.</summary>
internal static class ConnectorCommand
{
    public static Command Create()
    {
        var count = new Option<int>("--count") { Description = "Records to upsert on either side.", DefaultValueFactory = _ => 100_000 };
        var batch = new Option<int>("--batch") { Description = "Records per upsert.", DefaultValueFactory = _ => 256 };
        var dimension = new Option<int>("--dimension") { DefaultValueFactory = _ => 128 };
        var searches = new Option<int>("--searches")
        {
            Description = "Searches on either side, without a filter and with one.",
            DefaultValueFactory = _ => 2_000,
        };
        var directory = new Option<string?>("--directory")
        {
            Description = "Where the two databases go (a temporary directory if left out).",
        };
        var command = new Command(
            "connector",
            "Upserts and searches through the Semantic Kernel connector beside the engine's own API: two databases of the same records, turn and turn about. One JSON line per measure."
        )
        {
            count,
            batch,
            dimension,
            searches,
            directory,
        };
        command.SetAction(
            (r, cancellationToken) =>
                ConnectorWorkload.RunAsync(
                    r.GetValue(directory),
                    r.GetValue(count),
                    r.GetValue(batch),
                    r.GetValue(dimension),
                    r.GetValue(searches),
                    cancellationToken
                )
        );
        return command;
    }
}
