using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary>Makes a collection's derived views anew from its records.</summary>
internal sealed class CollectionRepairCommand(CliConsole console)
{
    public async Task<int> RunAsync(CollectionPlan plan, CancellationToken cancellationToken)
    {
        await using var database = await DatabaseSession.OpenExistingAsync(plan.Database, null, cancellationToken);
        await DatabaseSession.RequireCollectionAsync(database, plan.Database, plan.Name, cancellationToken);
        var report = await database
            .RequireLocal("A repair")
            .RepairCollectionAsync(plan.Name, new DiagnosticProgress(console), cancellationToken);
        if (plan.AsJson)
        {
            console.WriteJson(report);
            return ExitCode.Success;
        }

        foreach (var change in report.Changes)
            console.Out.WriteLine($"put right  {change}");
        console.Out.WriteLine(
            $"collection '{report.Collection}' repaired: {Format.Count(report.Records, "record")}, {Format.Count(report.Vectors, "vector")} indexed again"
        );
        return ExitCode.Success;
    }
}
