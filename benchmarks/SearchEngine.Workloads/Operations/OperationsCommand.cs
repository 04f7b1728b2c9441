using System.CommandLine;

namespace SearchEngine.Workloads.Operations;

/// <summary>The command "operations": what single operations of a collection cost, to hold one version of the engine against another.</summary>
internal static class OperationsCommand
{
    public static Command Create()
    {
        var count = new Option<int>("--count") { Description = "Records in the collection.", DefaultValueFactory = _ => 20_000 };
        var dimension = new Option<int>("--dimension") { DefaultValueFactory = _ => 64 };
        var seconds = new Option<double>("--seconds") { Description = "How long reads are measured.", DefaultValueFactory = _ => 6 };
        var command = new Command(
            "operations",
            "Processor time of single reads and writes, the least of many short turns. Run two versions in turns and compare the least of each: what else the machine does then matters little. One JSON line per operation."
        )
        {
            count,
            dimension,
            seconds,
        };
        command.SetAction(
            (r, cancellationToken) =>
                OperationsWorkload.RunAsync(r.GetValue(count), r.GetValue(dimension), r.GetValue(seconds), cancellationToken)
        );
        return command;
    }
}
